"""Where items come from: a folder of photos or a manifest as CSV, JSON Lines or Parquet.

A source is read as a stream and never lies in memory as a whole. A row that cannot be used is yielded as a Failure and
the rows after it go on; a file that is no such manifest is refused before its first row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from seamline.catalogue.items import Entry
from seamline.catalogue.sources.csv_manifest import CsvManifest
from seamline.catalogue.sources.folder import Folder, photos_below
from seamline.catalogue.sources.json_lines import JsonLines
from seamline.catalogue.sources.parquet import ParquetManifest
from seamline.core.errors import BadOption, NotFound


class Source(Protocol):
    """Items in a stable order; may be read again."""

    def __iter__(self) -> Iterator[Entry]: ...

    def count(self) -> int | None:
        """How many rows or photos there are, None when that is not known. May take as long as reading the names."""
        ...


_MANIFESTS: dict[str, Callable[[Path], Source]] = {
    ".csv": CsvManifest,
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".parquet": ParquetManifest,
}


def open_source(path: Path) -> Source:
    """The source at `path`. Raises NotFound when it is missing, BadOption when it is not one that seamline reads."""
    if path.is_dir():
        return Folder(path)
    if not path.exists():
        raise NotFound(f"{path} does not exist")
    manifest = _MANIFESTS.get(path.suffix.lower())
    if manifest is None or not path.is_file():
        raise BadOption(f"{path} is neither a folder of photos nor a manifest; a manifest is .csv, .jsonl or .parquet")
    return manifest(path)


__all__ = ["CsvManifest", "Folder", "JsonLines", "ParquetManifest", "Source", "open_source", "photos_below"]
