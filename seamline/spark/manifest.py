"""The manifest: one Parquet file or a folder of them, each read by one task with the catalogue's own rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from seamline.catalogue.items import Entry, Failure, Item, problem_of
from seamline.catalogue.sources import ParquetManifest
from seamline.core.errors import NotFound
from seamline.index.parquet_folder import parquet_parts
from seamline.spark.plan import Plan

Position = tuple[int, int]
"""File and place in it: says which of two rows comes first, wherever Spark has carried them."""
PositionedEntry = tuple[Position, Entry]


def manifest_files(manifest: Path) -> list[Path]:
    """The files of a manifest, sorted; what begins with _ or . is none, nor is what lies below it.

    Raises NotFound when it is missing, BadOption when there is no file in the folder.
    """
    if not manifest.exists():
        raise NotFound(f"{manifest} does not exist")
    return parquet_parts(manifest) if manifest.is_dir() else [manifest]


def count_rows(files: Iterable[Path], root: Path) -> int:
    """Rows of all files of a manifest in the folder `root`. Raises BadOption when one of them is not a manifest."""
    return sum(ParquetManifest(path, root).count() for path in files)


@dataclasses.dataclass(frozen=True)
class ReadFile:
    """Reads one file of a manifest, which lies in the folder `root`, into (partition, positioned entry)."""

    plan: Plan
    root: Path

    def __call__(self, numbered: tuple[int, str]) -> Iterator[tuple[int, PositionedEntry]]:
        number, path = numbered
        for row, entry in enumerate(ParquetManifest(Path(path), self.root)):
            checked = (problem_of(entry) or entry) if isinstance(entry, Item) else entry
            yield self.plan.partition_of(_owner(checked)), ((number, row), checked)


def without_repeats(positioned: Iterable[PositionedEntry]) -> tuple[list[Entry], int]:
    """The entries of a partition, of several with the same item and photo the manifest's first; and how many fell away.

    Sorted by item and photo, whatever the order in which Spark brings them.
    """
    kept: dict[tuple[str, str, str], Entry] = {}
    count = 0
    for _, entry in sorted(positioned, key=lambda one: one[0]):
        kept.setdefault(_identity(entry), entry)
        count += 1
    return [kept[identity] for identity in sorted(kept)], count - len(kept)


def _owner(entry: Entry) -> str:
    item = entry.item if isinstance(entry, Failure) else entry
    return entry.place if item is None else item.item


def _identity(entry: Entry) -> tuple[str, str, str]:
    item = entry.item if isinstance(entry, Failure) else entry
    return ("", "", entry.place) if item is None else (item.item, item.photo, "")
