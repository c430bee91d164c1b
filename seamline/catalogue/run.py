"""From a source to a collection: check, read, embed, store; or say what that would do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seamline.catalogue.indexing import Indexing, Preview
from seamline.catalogue.items import Entry
from seamline.catalogue.journal import Journal
from seamline.catalogue.options import DEFAULT_CONTEXT, DEFAULT_OPTIONS, Options, RunContext
from seamline.catalogue.pipeline import Embedder
from seamline.catalogue.progress import Progress
from seamline.core.errors import NotFound
from seamline.core.state_folder import state_folder
from seamline.index import Collection, Index


def journal_path(collection: Collection) -> Path:
    """Where the journal of a collection is, unless another file is named."""
    return journal_of(collection.physical)


def journal_of(physical: str) -> Path:
    """The same by the collection's own name in Milvus."""
    return state_folder() / "journals" / f"{physical}.sqlite"


def index_items(
    source: Iterable[Entry],
    embedder: Embedder,
    index: Index,
    collection: str,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """Embed the photos of `source` and store their garments in `collection`, which is made when it is missing.

    Raises FingerprintMismatch when the collection holds vectors of other weights, Unavailable when a part of the
    service stays away; what was stored until then stays, and the next run goes on from there.
    """
    versions = embedder.versions()
    target = index.open_or_create(collection, versions.fingerprint, versions.shape)
    return index_into(source, embedder, target, options, context)


def index_into(
    source: Iterable[Entry],
    embedder: Embedder,
    target: Collection,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """As `index_items`, into a collection that is open already."""
    with Journal(context.journal or journal_path(target), target.physical) as journal:
        return Indexing(target, journal, options, context).run(source, embedder)


def preview_items(
    source: Iterable[Entry],
    embedder: Embedder,
    index: Index,
    collection: str,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """What `index_items` would do: every photo is read and decoded, nothing is embedded, stored or removed.

    `garments` stays 0, for only embedding tells; `removed` counts what would be.
    """
    fingerprint = embedder.versions().fingerprint
    target = _existing(index, collection, fingerprint)
    path = context.journal
    if target is not None:
        target.check(fingerprint)
        path = path or journal_path(target)
    with Journal(path, target.physical if target else "", read_only=True) as journal:
        return Preview(target, journal, options, context).run(source)


def _existing(index: Index, collection: str, fingerprint: str) -> Collection | None:
    try:
        return index.open(collection, fingerprint)
    except NotFound:
        return None
