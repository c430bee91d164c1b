"""A CSV manifest (RFC 4180, UTF-8, a header line)."""

from __future__ import annotations

import csv
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import PHOTO, check_columns, items_of
from seamline.catalogue.sources.text import check_utf8, chunks, readable
from seamline.core.errors import BadOption


class CsvManifest:
    """The rows of a CSV file. A photo cell that is a JSON list names several photos."""

    def __init__(self, path: Path) -> None:
        """Raises BadOption unless the file is UTF-8 with the columns item and photo."""
        check_utf8(path)
        self._path, self._root = path, os.path.realpath(path.parent)
        with readable(path), self._open() as file:
            self._columns = self._header(_reader(file))

    def __iter__(self) -> Iterator[Entry]:
        with readable(self._path), self._open() as file:
            reader = _reader(file)
            next(reader, None)
            yield from self._rows(reader)

    def count(self) -> int:
        """Rows, by the line ends outside quotes."""
        ends, quoted, last = 0, False, b"\n"
        for chunk in chunks(self._path):
            parts = chunk.split(b'"')
            ends += sum(part.count(b"\n") for part in parts[int(quoted) :: 2])
            quoted ^= len(parts) % 2 == 0
            last = chunk[-1:]
        return max(0, ends + (last != b"\n") - 1)

    def _open(self) -> IO[str]:
        return self._path.open(newline="", encoding="utf-8-sig")

    def _header(self, reader: Any) -> list[str]:
        try:
            names = [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            raise BadOption(f"{self._path}, line 1: this is not a CSV header: {error}") from error
        check_columns(names, self._path)
        return names

    def _rows(self, reader: Any) -> Iterator[Entry]:
        while True:
            place = f"{self._path.name}, line {reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Failure(f"the row is not CSV: {error}", place=place)
                continue
            if cells:
                yield from self._items(cells, place)

    def _items(self, cells: list[str], place: str) -> Iterator[Entry]:
        if len(cells) > len(self._columns):
            yield Failure(
                f"the row has {len(cells)} cells and the header {len(self._columns)}; quote cells with commas",
                place=place,
            )
            return
        row: dict[str, Any] = dict(itertools.zip_longest(self._columns, (cell.strip() for cell in cells)))
        row[PHOTO] = _photo_cell(row[PHOTO])
        yield from items_of(row, self._root, place)


def _reader(file: IO[str]) -> Any:
    return csv.reader(file, strict=True)


def _photo_cell(cell: str | None) -> object:
    """The list that the cell spells as JSON, else the cell."""
    if cell is None or not cell.startswith("["):
        return cell
    try:
        photos = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return photos if isinstance(photos, list) else cell
