"""The form of DeepFashion's list files: a line with the number of rows, one with the columns, then the rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from seamline.data.readers.bad_dataset import BadDataset, Location
from seamline.data.readers.text import lines


@dataclasses.dataclass(frozen=True)
class Row:
    """One row: where it stands, and its fields."""

    location: Location
    fields: tuple[str, ...]

    def require(self, count: int) -> None:
        """Raise BadDataset unless the row has this many fields."""
        if len(self.fields) != count:
            raise self.location.bad(f"a row has {count} columns, not {len(self.fields)}")


@dataclasses.dataclass(frozen=True)
class Table:
    """A list file: its path, the number of rows that it announces, and its columns."""

    path: Path
    announced: int
    columns: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> Table:
        """Read the two lines of the header. Raises BadDataset where they are not as published."""
        head = [text.split() for _, text in islice(lines(path), 2)]
        if len(head[0]) != 1:
            raise BadDataset(path, 1, "the first line is not the number of rows")
        announced = Location(path, 1).integer(head[0][0])
        if len(head) < 2 or len(head[1]) < 2:
            raise BadDataset(path, 2, "the second line does not name the columns")
        return cls(path, announced, tuple(head[1]))

    def rows(self) -> Iterator[Row]:
        """The rows. Raises BadDataset at their end where there are not as many as announced."""
        count = 0
        for row in _rows(self.path, 3):
            count += 1
            yield row
        _check_count(self.path, self.announced, count)

    def require(self, *columns: str) -> None:
        """Raise BadDataset unless these are the columns."""
        if self.columns != columns:
            raise BadDataset(self.path, 2, f"the columns are {self.columns}; expected are {columns}")


def read_names(path: Path) -> tuple[str, ...]:
    """A list without columns, such as list_item_inshop.txt: the number of rows, then one name a line."""
    rows = list(_rows(path, 1))
    if not rows:
        raise BadDataset(path, None, "the file is empty")
    announced = rows[0].location.integer(rows[0].fields[0])
    _check_count(path, announced, len(rows) - 1)
    return tuple(row.fields[0] for row in rows[1:])


def _rows(path: Path, first: int) -> Iterator[Row]:
    """Rows from a line on, without blank lines."""
    for number, text in lines(path):
        if number >= first and text.strip():
            yield Row(Location(path, number), tuple(text.split()))


def _check_count(path: Path, announced: int, count: int) -> None:
    if announced != count:
        raise BadDataset(path, 1, f"the first line announces {announced} rows, but there are {count}")
