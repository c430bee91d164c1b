"""How widely a search looks: rows for each query vector, and rows that an approximate index visits for them."""

from __future__ import annotations

import dataclasses
import math

from seamline.core.spec import CATEGORIES
from seamline.index.schema import PresentField

_PER_HIT, _WIDTH = 2.0, 400
"""Rows for each hit, and rows that the index visits, in 10,000 garments."""

_LARGEST = 1e10


@dataclasses.dataclass(frozen=True)
class SearchParams:
    """Which rows a search may answer with, and how many for each query vector.

    `categories`: only these, all for none. `incomplete`: only garments that lack parts. `search_width`: how many rows
    an approximate index visits; at least `limit`.
    """

    limit: int
    categories: tuple[str, ...] = ()
    incomplete: bool = False
    search_width: int = 64

    def expression(self, present: PresentField, partitioned: bool) -> str:
        """The filter as Milvus reads it, made of numbers only. `partitioned`: rows lie together by category.

        Milvus 2.3 leaves partitions out for `in` alone, and otherwise takes 10 to 20 ms longer for `in` than for
        comparisons, among a million rows.
        """
        numbers = sorted(map(CATEGORIES.index, set(self.categories)))
        compared = " or ".join(f"category == {number}" for number in numbers)
        chosen = f"category in {numbers}" if partitioned else f"({compared})"
        conditions = [chosen] if numbers else []
        if self.incomplete:
            conditions.append(f"{present.name} < {present.whole}")
        return " and ".join(conditions)

    @property
    def by_index_type(self) -> dict[str, int]:
        """The width in the words of each type of index, which reads its own and leaves the others."""
        width = max(self.limit, self.search_width)
        return {
            "ef": width,
            "search_list": min(width, 10 * self.limit),
            "nprobe": max(8, width // 4),
            "reorder_k": width,
            "itopk_size": math.ceil(width / 32) * 32,
        }


def limit_for(top_k: int, rows: int) -> int:
    """Rows that each query vector has to bring so that the `top_k` best garments of `rows` are among them.

    Measured for the query vectors of `seamline.ranking`: 2 for each hit in 10,000 garments, 3 in a million.
    """
    return math.ceil(top_k * _PER_HIT * (1 + _magnitude(rows) / 4))


def search_width_for(rows: int) -> int:
    """How widely an index of `rows` has to look: measured, 400 rows in 10,000 garments and 1,200 in a million."""
    return round(_WIDTH * (1 + _magnitude(rows)))


def _magnitude(rows: int) -> float:
    """Powers of ten by which there are more than 10,000 rows."""
    return math.log10(min(max(rows, 10_000), _LARGEST) / 10_000)
