"""Where items come from: a folder of photos or a manifest as CSV, JSON Lines or Parquet.

A source is read as a stream and never lies in memory as a whole. A row that cannot be used is yielded as a Failure and
the rows after it go on; a file that is no such manifest is refused before its first row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from seamline.catalogue.items import Entry, Item
from seamline.catalogue.sources.csv_manifest import CsvManifest
from seamline.catalogue.sources.folder import Folder, photos_below
from seamline.catalogue.sources.json_lines import JsonLines
from seamline.catalogue.sources.parquet import ParquetFolder, ParquetManifest
from seamline.core.errors import BadOption, NotFound
from seamline.index.parquet_folder import SUFFIX as PARQUET
from seamline.index.parquet_folder import parquet_parts


class Source(Protocol):
    """Items in a stable order; may be read again."""

    def __iter__(self) -> Iterator[Entry]: ...

    def count(self) -> int | None:
        """How many rows or photos there are, None when that is not known. May take as long as reading the names."""
        ...


_MANIFESTS: dict[str, Callable[[Path], Source]] = {
    ".csv": CsvManifest,
    ".tsv": CsvManifest,
    ".txt": CsvManifest,
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".json": JsonLines,
    PARQUET: ParquetManifest,
}


def open_source(path: Path) -> Source:
    """The source at `path`. Raises NotFound when it is missing, BadOption when it is not one that seamline reads."""
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise NotFound(f"{path} does not exist")
    manifest = _MANIFESTS.get(path.suffix.lower())
    if manifest is None or not path.is_file():
        raise BadOption(
            f"{path} is neither a folder of photos nor a manifest; a manifest is .csv, .tsv, .jsonl or .parquet"
        )
    return manifest(path)


def left_out(source: Source) -> Mapping[str, int]:
    """What a folder's last whole walk passed over, by kind; nothing for a manifest."""
    return source.left_out if isinstance(source, Folder) else {}


def _of_folder(path: Path) -> Source:
    """Photos, or the parts of a Parquet manifest where there is no photo."""
    folder = Folder(path)
    if path.suffix.lower() != PARQUET and (any(isinstance(entry, Item) for entry in folder) or not _has_parts(path)):
        return folder
    return ParquetFolder(path)


def _has_parts(path: Path) -> bool:
    try:
        return bool(parquet_parts(path))
    except BadOption:
        return False


__all__ = [
    "CsvManifest",
    "Folder",
    "JsonLines",
    "ParquetFolder",
    "ParquetManifest",
    "Source",
    "left_out",
    "open_source",
    "photos_below",
]
