"""The rows of a CSV file, each with its line; a broken one costs its own first line and no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import IO

Row = tuple[int, list[str] | str]
"""Line on which it begins, and its cells; a text in their place says why there are none."""


class _Lines(Iterator[str]):
    """Lines of a file; those of the present row after its first can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._given_back, self._row = file, deque[str](), list[str]()
        self.number = 0

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._file)
        self._row.append(line)
        self.number += 1
        return line

    def begin_row(self) -> None:
        self._row.clear()

    def give_back(self) -> None:
        self._given_back.extendleft(reversed(self._row[1:]))
        self.number -= max(0, len(self._row) - 1)


def csv_rows(file: IO[str], separator: str) -> Iterator[Row]:
    """The rows of RFC 4180 with any separator; `file` was opened with newline=""."""
    lines = _Lines(file)
    reader = csv.reader(lines, strict=True, delimiter=separator)
    while True:
        lines.begin_row()
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back()
            yield line, _reason(error)
        else:
            yield line, cells


def _reason(error: csv.Error) -> str:
    told = str(error)
    if "field limit" in told:
        return f"a cell has more than {csv.field_size_limit():,} characters; a quote may be missing"
    if "unexpected end" in told:
        return "a quote is opened and never closed"
    return f"the row is not CSV: {told}; double the quotes inside a quoted cell"
