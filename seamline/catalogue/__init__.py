"""From a folder or a manifest of photos to a collection, as a stream that may be stopped at any moment.

    from seamline.catalogue import index_items, open_source
    from seamline.client import Client
    from seamline.index import Index

    with Client() as client:
        progress = index_items(open_source(Path("items.csv")), client, Index(), "catalogue")

Every garment is stored once: its key is made of item, photo, the photo's content and its number. What a run finds
stored it skips, what has changed it replaces.
"""

from seamline.catalogue.addresses import is_public
from seamline.catalogue.download import Downloader, DownloadLimits
from seamline.catalogue.failures import FailureFile, failure_file
from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.journal import Journal
from seamline.catalogue.options import Options, RunContext
from seamline.catalogue.photos import PhotoReader
from seamline.catalogue.pipeline import Embedder
from seamline.catalogue.progress import Progress
from seamline.catalogue.records import JournalEntry, rows_of
from seamline.catalogue.run import index_into, index_items, journal_path, preview_items
from seamline.catalogue.sources import Source, left_out, open_source, photos_below
from seamline.catalogue.writer import Batching

__all__ = [
    "Batching",
    "DownloadLimits",
    "Downloader",
    "Embedder",
    "Entry",
    "Failure",
    "FailureFile",
    "Item",
    "Journal",
    "JournalEntry",
    "Options",
    "PhotoReader",
    "Progress",
    "RunContext",
    "Source",
    "failure_file",
    "index_into",
    "index_items",
    "is_public",
    "journal_path",
    "left_out",
    "open_source",
    "photos_below",
    "preview_items",
    "rows_of",
]
