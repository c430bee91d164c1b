"""A Parquet manifest, read by row batches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import check_columns, items_of
from seamline.errors import BadOption, Unsupported

_ROWS = 1024


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
                    if row is None:
                        yield Failure("the row is not UTF-8", place=place)
                    else:
                        yield from items_of(row, self._root, place)

    def count(self) -> int:
        """Rows, as the file states them."""
        with self._open() as file:
            return int(file.metadata.num_rows)

    def _open(self) -> Any:
        try:
            import pyarrow.parquet
        except ModuleNotFoundError as error:
            raise Unsupported("reading Parquet needs pyarrow: pip install 'seamline[parquet]'") from error
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
        import pyarrow.types as kinds

        with self._open() as file:
            schema = file.schema_arrow
        check_columns(schema.names, self._path)
        for field in schema:
            if kinds.is_binary(field.type) or kinds.is_large_binary(field.type):
                raise BadOption(f"{self._path}: the column {field.name!r} holds bytes; leave it out or store text")


def _rows(batch: Any) -> Iterator[dict[str, Any] | None]:
    """The rows of a batch; None for one whose texts are not UTF-8."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for number in range(batch.num_rows):
            yield _row(batch.slice(number, 1))


def _row(single: Any) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = single.to_pylist()[0]
    except UnicodeDecodeError:
        return None
    return row
