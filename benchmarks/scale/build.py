"""Filling a real Milvus server with a catalogue, and what that costs.

A run that was stopped goes on with the chunk that it had not finished.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.scale.catalogue import Catalogue, rows_of
from benchmarks.scale.folder import COLLECTION, Folder
from benchmarks.scale.usage import Usage
from seamline.core.spec import Spec
from seamline.index import Collection, Index
from tests.support.milvus_standalone import MilvusStandalone

_ROWS = 2000
"""Rows in one call: 5 MB of vectors."""


def build(folder: Folder, server: MilvusStandalone, index: Index, catalogue: Catalogue, spec: Spec,
          report: Callable[[str], None]) -> None:  # fmt: skip
    """Insert, flush, index and load the catalogue, noting seconds, CPU seconds and bytes of each part."""
    if folder.read("built") is not None:
        return
    usage = Usage(server)
    collection = _released(index, spec, folder)
    _insert(folder, collection, catalogue, report)
    collection.flush()
    filled = usage.lap()
    collection.wait_until_indexed(
        lambda done, total: report(f"{done:,} of {total:,} garments indexed"), catalogue.size
    )  # fmt: skip
    indexed = usage.lap()
    collection.load()
    loaded = usage.lap()
    folder.note(
        "built",
        {"rows": catalogue.size, "insert": filled, "index": indexed, "load": loaded, "peak": usage.peak(),
         "disk": _bytes_below(folder.milvus)},
    )  # fmt: skip


def _released(index: Index, spec: Spec, folder: Folder) -> Collection:
    """The collection, out of the server's memory: nobody searches while it is filled."""
    if folder.read("inserted") is None:
        collection = index.create(COLLECTION, spec.fingerprint, (len(spec.parts), spec.parts.dimension))
        folder.note("inserted", 0)
    else:
        collection = index.open(COLLECTION)
    index.call(lambda client: client.release_collection(collection.physical))
    return collection


def _insert(folder: Folder, collection: Collection, catalogue: Catalogue, report: Callable[[str], None]) -> None:
    start = int(folder.read("inserted"))
    for first, garments in catalogue.chunks(start):
        rows = list(rows_of(first, garments))
        # The rows of an interrupted chunk may be there already.
        fresh = first != start or start == 0
        for part in range(0, len(rows), _ROWS):
            collection.store(rows[part : part + _ROWS], fresh=fresh)
        folder.note("inserted", first + len(rows))
        report(f"{first + len(rows):,} of {catalogue.size:,} garments inserted")


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())
