"""A CSV manifest (RFC 4180 with a header line), as it is or as Excel writes it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.sources.columns import ITEM, PHOTO, items_of
from seamline.catalogue.sources.csv_layout import read_layout
from seamline.catalogue.sources.text import readable, text_chunks

_SHOWN = 40
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+")
_WITH_POINT = re.compile(r"\d+[.,]0+")


class CsvManifest:
    """The rows of a CSV file. A photo cell that is a JSON list names several photos.

    Columns without a name and rows without a cell are left out where they are empty; so is a first column without a
    name, in which pandas numbers the rows.
    """

    def __init__(self, path: Path) -> None:
        """Raises BadOption unless the file is UTF-8 or UTF-16 with the columns item and photo."""
        self._path, self._root = path, os.path.realpath(path.parent)
        self._layout = read_layout(path)

    def __iter__(self) -> Iterator[Entry]:
        with readable(self._path), self._layout.open() as file:
            for line, cells in self._layout.body(file):
                place = f"{self._path.name}, line {line}"
                if isinstance(cells, str):
                    yield Failure(cells, place=place)
                elif any(cells):
                    yield from self._items([cell.strip() for cell in cells], place)

    def count(self) -> int:
        """Rows, by the line ends outside quotes."""
        ends, quoted, last = 0, False, "\n"
        for chunk in text_chunks(self._path, self._layout.encoding):
            parts = chunk.split('"')
            ends += sum(part.count("\n") for part in parts[int(quoted) :: 2])
            quoted ^= len(parts) % 2 == 0
            last = chunk[-1:]
        return max(0, ends + (last != "\n") - self._layout.rows - self._layout.has_sep_line)

    def _items(self, cells: Sequence[str], place: str) -> Iterator[Entry]:
        columns = self._layout.columns
        row: dict[str, Any] = dict.fromkeys(filter(None, columns))
        for number, cell in enumerate(cells, 1):
            name = columns[number - 1] if number <= len(columns) else ""
            if name:
                row[name] = cell
            elif cell and number > 1:
                yield Failure(self._unnamed(number, cell), place=place)
                return
        reason = _spreadsheets(row[ITEM], row[PHOTO])
        if reason is not None:
            yield Failure(reason, place=place)
            return
        row[PHOTO] = _photo_cell(row[PHOTO])
        yield from items_of(row, self._root, place)

    def _unnamed(self, number: int, cell: str) -> str:
        return (
            f"{cell[:_SHOWN]!r} stands in column {number}, which has no name in the header; name the column, or quote "
            f"cells with {self._layout.separator_name}"
        )


def _spreadsheets(item: str | None, photo: str | None) -> str | None:
    """What a spreadsheet has made of an id or of a path, None where they seem to be as they were."""
    for name, cell in ((ITEM, item), (PHOTO, photo)):
        if cell and _EXCEL_ERROR.fullmatch(cell):
            return f"{name} is {cell}, an error of the spreadsheet"
    if item and _ROUNDED.fullmatch(item):
        return f"item is {item}, to which a spreadsheet has rounded an id; format the column as text and save it again"
    if item and _WITH_POINT.fullmatch(item):
        return f"item is {item}, a number with a decimal point; write the id as a whole number or as text"
    return None


def _photo_cell(cell: str | None) -> object:
    """The list that the cell spells as JSON, else the cell."""
    if cell is None or not cell.startswith("["):
        return cell
    try:
        photos = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return photos if isinstance(photos, list) else cell
