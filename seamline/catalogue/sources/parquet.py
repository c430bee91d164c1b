"""A Parquet manifest, one file or a folder of parts, read by row batches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import canonical, check_columns, items_of
from seamline.core.errors import BadOption
from seamline.core.extras import requires_extra
from seamline.index.parquet_folder import parquet_parts

_ROWS = 1024
_NO_VALUE = (ValueError, OverflowError, LookupError)
"""What pyarrow raises for a value that has no counterpart in Python: a text that is not UTF-8, a date too far away, a
time zone that is not known here."""
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class ParquetManifest:
    """The rows of a Parquet file; the column photo holds texts or lists of texts.

    `root`: the folder of the manifest where the file is one of its parts, by default the file's own. Paths are relative
    to it, and folders between the two that are named `column=value` are columns.
    """

    def __init__(self, path: Path, root: Path | None = None) -> None:
        """Raises BadOption unless it is Parquet with the columns item and photo, Unsupported without pyarrow."""
        self._path, self._root = path, os.path.realpath(root or path.parent)
        self._name = path.relative_to(root).as_posix() if root else path.name
        self._partition = _partition(self._name)
        self._check()

    def __iter__(self) -> Iterator[Entry]:
        number = 0
        with self._open() as file:
            for batch in self._batches(file):
                for row in _rows(batch):
                    number += 1
                    place = f"{self._name}, row {number}"
                    if isinstance(row, str):
                        yield Failure(row, place=place)
                    else:
                        yield from items_of(self._partition | row, self._root, place)

    def count(self) -> int:
        """Rows, as the file states them."""
        with self._open() as file:
            return int(file.metadata.num_rows)

    def _open(self) -> Any:
        with requires_extra("parquet", "Parquet manifests"):
            import pyarrow.parquet
        if not self._path.is_file():
            raise BadOption(f"{self._path} is not a regular file")
        try:
            return pyarrow.parquet.ParquetFile(self._path)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadOption(f"{self._path} is not a Parquet file that can be read") from error

    def _batches(self, file: Any) -> Iterator[Any]:
        import pyarrow

        try:
            for batch in file.iter_batches(batch_size=_ROWS):
                yield batch.rename_columns(canonical(batch.schema.names))
        except (pyarrow.ArrowException, OSError) as error:
            raise BadOption(f"{self._path} is damaged and cannot be read to its end") from error

    def _check(self) -> None:
        with self._open() as file:
            schema = file.schema_arrow
        names = canonical(schema.names)
        check_columns([*names, *(name for name in self._partition if name not in names)], self._path)
        for field in schema:
            if _is_bytes(field.type):
                raise BadOption(f"{self._path}: the column {field.name!r} holds bytes; leave it out or store text")


class ParquetFolder:
    """The rows of all parts in a folder and below it, sorted by the parts' paths."""

    def __init__(self, folder: Path) -> None:
        """Raises BadOption unless all parts can be read and have the columns, Unsupported without pyarrow."""
        self._parts = [ParquetManifest(path, folder) for path in parquet_parts(folder)]

    def __iter__(self) -> Iterator[Entry]:
        for part in self._parts:
            yield from part

    def count(self) -> int:
        """Rows, as the files state them."""
        return sum(part.count() for part in self._parts)


def _partition(name: str) -> dict[str, str | None]:
    """The columns that the folders of a part's name stand for, as Hive and Spark write them."""
    pairs = (folder.split("=", 1) for folder in name.split("/")[:-1] if "=" in folder)
    found = {unquote(column): None if value == _NO_PARTITION else unquote(value) for column, value in pairs}
    return dict(zip(canonical(found), found.values(), strict=True))


def _is_bytes(kind: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind))


def _rows(batch: Any) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch; for one that holds what Python cannot, the reason."""
    try:
        rows = batch.to_pylist()
    except _NO_VALUE:
        rows = (_row(batch.slice(number, 1)) for number in range(batch.num_rows))
    yield from rows


def _row(single: Any) -> dict[str, Any] | str:
    row = {}
    for name, column in zip(single.schema.names, single.columns, strict=True):
        try:
            row[name] = column.to_pylist()[0]
        except UnicodeDecodeError:
            return f"{name} holds text that is not UTF-8"
        except _NO_VALUE:
            return f"{name} holds a value that cannot be read, such as a date after the year 9999"
    return row
