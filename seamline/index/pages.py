"""Rows of a collection, however many: Milvus returns at most 16,384 for one query, so ranges of keys are asked for.

Keys begin with a digest, so that ranges of them are evenly filled; a range that holds more than a query may return is
halved. Reading is consistent with everything that was written before it began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from seamline.core.errors import InternalError

MOST = 16_384
"""Rows that Milvus returns for one query."""

_DIGITS = 16
_END = 16**_DIGITS

Row = dict[str, Any]


class Readable(Protocol):
    """What reading needs of a collection."""

    def rows(self) -> int:
        """Number of rows."""
        ...

    def query(self, expression: str, fields: list[str], limit: int) -> list[Row]:
        """Rows that fulfil an expression."""
        ...


def pages(collection: Readable, fields: list[str], size: int, condition: str = "") -> Iterator[list[Row]]:
    """All rows that fulfil `condition`, about `size` (at most MOST) at a time, sorted by key within and across pages.

    `condition` is an expression made of numbers only.
    """
    expected = collection.rows() if not condition else 1
    parts = max(1, -(-expected // size))
    for part in range(parts):
        yield from _range(collection, fields, condition, *_bounds(part, parts))


def part_of(collection: Readable, fields: list[str], part: int, parts: int) -> list[Row]:
    """The rows of one of `parts` ranges of keys, counted from 0, sorted by key; each holds about as many."""
    return [row for page in _range(collection, fields, "", *_bounds(part, parts)) for row in page]


def _bounds(part: int, parts: int) -> tuple[int, int]:
    return part * _END // parts, (part + 1) * _END // parts


def _range(collection: Readable, fields: list[str], condition: str, low: int, high: int) -> Iterator[list[Row]]:
    found = collection.query(_expression(condition, low, high), ["pk", *fields], limit=MOST)
    if len(found) < MOST:
        if found:
            yield sorted(found, key=lambda row: str(row["pk"]))
        return
    if high - low < 2:
        raise InternalError("the keys of the collection are unevenly spread; index it again into a new one")
    middle = (low + high) // 2
    yield from _range(collection, fields, condition, low, middle)
    yield from _range(collection, fields, condition, middle, high)


def _expression(condition: str, low: int, high: int) -> str:
    top = f'"{high:0{_DIGITS}x}"' if high < _END else '"g"'
    keys = f'pk >= "{low:0{_DIGITS}x}" and pk < {top}'
    return f"{condition} and {keys}" if condition else keys
