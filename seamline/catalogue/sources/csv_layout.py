"""How a CSV file is laid out: encoding, separator and header, as Excel and others write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from seamline.catalogue.sources.columns import ITEM, PHOTO, canonical, check_columns
from seamline.catalogue.sources.csv_rows import Row, csv_rows
from seamline.catalogue.sources.text import LENIENT, check_encoding, encoding_of, readable
from seamline.core.errors import BadOption

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE = re.compile(r'"?sep=(.)"?[,;\t]*\r?\n?')
"""By which Excel is told a separator, and what it makes of that line when it saves the file again."""
_HEADER_ROWS = 20
"""Rows in which the header is looked for; those before it are empty."""


@dataclass(frozen=True)
class Layout:
    """`columns`: names in the header, empty where it has none. `rows`: up to and with the header."""

    path: Path
    encoding: str
    separator: str
    has_sep_line: bool
    columns: Sequence[str]
    rows: int

    @property
    def separator_name(self) -> str:
        """The separator in words."""
        return _SEPARATORS.get(self.separator, repr(self.separator))

    def open(self) -> IO[str]:
        """The file as text."""
        return self.path.open(newline="", encoding=self.encoding, errors=LENIENT)

    def body(self, file: IO[str]) -> Iterator[Row]:
        """The rows after the header of the opened file."""
        return islice(_rows(file, self.separator, self.has_sep_line), self.rows, None)


def read_layout(path: Path) -> Layout:
    """Raises BadOption unless the file is UTF-8 or UTF-16 with the columns item and photo.

    The separator is the one that a `sep=` line names, else the first that gives these columns.
    """
    encoding = encoding_of(path)
    check_encoding(path, encoding)
    with readable(path), path.open(newline="", encoding=encoding, errors=LENIENT) as file:
        named = _SEP_LINE.fullmatch(file.readline(100))
    separators = [named[1]] if named else list(_SEPARATORS)
    layouts, reasons = [], []
    for separator in separators:
        layout = _with_header(path, encoding, separator, named is not None)
        if isinstance(layout, str):
            reasons.append(layout)
        elif {ITEM, PHOTO} <= set(layout.columns):
            check_columns(layout.columns, path)
            return layout
        else:
            layouts.append(layout)
    if not layouts:
        raise BadOption(f"{path}, {reasons[0]}")
    closest = max(layouts, key=lambda layout: len(layout.columns))
    check_columns(closest.columns, path, f", separated by {closest.separator_name}" if len(closest.columns) > 1 else "")
    return closest


def _with_header(path: Path, encoding: str, separator: str, has_sep_line: bool) -> Layout | str:
    """The layout under this separator; why there is none where the header is no CSV."""
    with readable(path), path.open(newline="", encoding=encoding, errors=LENIENT) as file:
        rows = islice(_rows(file, separator, has_sep_line), _HEADER_ROWS)
        for number, (line, cells) in enumerate(rows, 1):
            if isinstance(cells, str):
                return f"line {line}: this is not a CSV header: {cells}"
            if any(cell.strip() for cell in cells):
                return Layout(path, encoding, separator, has_sep_line, canonical(cells), number)
    return Layout(path, encoding, separator, has_sep_line, (), 0)


def _rows(file: IO[str], separator: str, has_sep_line: bool) -> Iterator[Row]:
    if not has_sep_line:
        return csv_rows(file, separator)
    file.readline()
    return ((line + 1, cells) for line, cells in csv_rows(file, separator))
