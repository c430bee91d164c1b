"""A Parquet manifest, read by row batches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import check_columns, items_of
from seamline.core.errors import BadOption
from seamline.core.extras import requires_extra

_ROWS = 1024
_NO_VALUE = (ValueError, OverflowError, LookupError)
"""What pyarrow raises for a value that has no counterpart in Python: a text that is not UTF-8, a date too far away, a
time zone that is not known here."""


class ParquetManifest:
    """The rows of a Parquet file; the column photo holds texts or lists of texts."""

    def __init__(self, path: Path) -> None:
        """Raises BadOption unless it is Parquet with the columns item and photo, Unsupported without pyarrow."""
        self._path, self._root = path, os.path.realpath(path.parent)
        self._check()

    def __iter__(self) -> Iterator[Entry]:
        number = 0
        with self._open() as file:
            for batch in self._batches(file):
                for row in _rows(batch):
                    number += 1
                    place = f"{self._path.name}, row {number}"
                    if isinstance(row, str):
                        yield Failure(row, place=place)
                    else:
                        yield from items_of(row, self._root, place)

    def count(self) -> int:
        """Rows, as the file states them."""
        with self._open() as file:
            return int(file.metadata.num_rows)

    def _open(self) -> Any:
        with requires_extra("parquet", "Parquet manifests"):
            import pyarrow.parquet
        try:
            return pyarrow.parquet.ParquetFile(self._path)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadOption(f"{self._path} is not a Parquet file that can be read") from error

    def _batches(self, file: Any) -> Iterator[Any]:
        import pyarrow

        try:
            yield from file.iter_batches(batch_size=_ROWS)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadOption(f"{self._path} is damaged and cannot be read to its end") from error

    def _check(self) -> None:
        with self._open() as file:
            schema = file.schema_arrow
        check_columns(schema.names, self._path)
        for field in schema:
            if _is_bytes(field.type):
                raise BadOption(f"{self._path}: the column {field.name!r} holds bytes; leave it out or store text")


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
            return "the row is not UTF-8"
        except _NO_VALUE:
            return f"{name} holds a value that cannot be read, such as a date after the year 9999"
    return row
