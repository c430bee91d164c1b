"""What a reader says about data that is not in its published format, and how a reading goes on after that."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from seamline.core.errors import InvalidArgument

Row = TypeVar("Row")
Found = TypeVar("Found")


class BadDataset(InvalidArgument):
    """A file of a dataset is missing or not in its format.

    `path`: the file; `where`: its line (from 1) or its JSON key, None where the whole file is meant.
    """

    def __init__(self, path: Path, where: int | str | None, reason: str) -> None:
        place = f", line {where}" if isinstance(where, int) else f", {where}" if where else ""
        super().__init__(f"{path}{place}: {reason}")
        self.path, self.where, self.reason = path, where, reason


Report = Callable[[BadDataset], None]
"""Told about a garment that cannot be read; if it returns, the garment is left out."""


def refuse(error: BadDataset) -> None:
    """The report that ends the reading at the first bad garment."""
    raise error


@dataclasses.dataclass(frozen=True)
class Location:
    """Where something was read: a file and its line or JSON key."""

    path: Path
    where: int | str | None = None

    def bad(self, reason: str) -> BadDataset:
        """The error about what stands here."""
        return BadDataset(self.path, self.where, reason)

    def number(self, text: object) -> float:
        """A finite number. Raises BadDataset for anything else."""
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise self.bad(f"{text!r} is not a number")
        try:
            value = float(text)
        except (ValueError, OverflowError):
            raise self.bad(f"{text!r} is not a number") from None
        if not math.isfinite(value):
            raise self.bad(f"{text!r} is not a finite number")
        return value

    def integer(self, text: object) -> int:
        """A whole number. Raises BadDataset for anything else."""
        value = self.number(text)
        if not value.is_integer():
            raise self.bad(f"{text!r} is not a whole number")
        return int(value)

    def code(self, text: object, codes: Iterable[int], name: str) -> int:
        """A whole number that is one of `codes`. Raises BadDataset for anything else."""
        value, known = self.integer(text), tuple(codes)
        if value not in known:
            raise self.bad(f"{name} {value} is unknown; known are {', '.join(map(str, known))}")
        return value


def accepted(rows: Iterable[Row], convert: Callable[[Row], Found | None], report: Report) -> Iterator[Found]:
    """What `convert` makes of each row, without None; rows that it refuses go to `report`.

    Only what `convert` raises is reported: a fault of the rows' own file (its header, its encoding) always ends the
    reading.
    """
    for row in rows:
        try:
            found = convert(row)
        except BadDataset as error:
            report(error)
            continue
        if found is not None:
            yield found
