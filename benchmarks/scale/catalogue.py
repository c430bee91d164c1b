"""The catalogue of the benchmark: real garments first, then synthetic ones; each is known by its number."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import numpy as np

from benchmarks.scale.real import Real
from benchmarks.scale.synthetic import CHUNK, Garments, Synthetic
from seamline.core.spec import CATEGORIES
from seamline.index import Garment

_BOXES = [[101.5, 60.0, 180.0, 120.5], [90.0, 110.0, 260.0, 230.5], [95.0, 230.0, 255.0, 330.0],
          [20.0, 90.0, 95.0, 300.0], [255.0, 90.0, 330.0, 300.0]]  # fmt: skip


class Catalogue:
    """N garments in a fixed order, made as they are read."""

    def __init__(self, real: Real, size: int, seed: int) -> None:
        self.size = size
        self._real = Garments(
            np.concatenate([real.planted, real.sources])[:size],
            np.concatenate([real.planted_category, real.source_category])[:size],
        )
        self._synthetic = Synthetic(real, seed)

    def chunks(self, start: int = 0) -> Iterator[tuple[int, Garments]]:
        """(number of the first, garments) from the chunk on that begins with garment `start`."""
        first = 0
        for garments in self._all():
            if first >= start:
                yield first, garments
            first += len(garments.category)

    def _all(self) -> Iterator[Garments]:
        yield self._real
        left, number = self.size - len(self._real.category), 0
        while left > 0:
            made = self._synthetic.chunk(number)
            yield Garments(made.vectors[:left], made.category[:left])
            left, number = left - CHUNK, number + 1


def rows_of(first: int, garments: Garments) -> Iterator[Garment]:
    """Garments as they would be indexed, with a record as long as a listing's."""
    for number, (vectors, category) in enumerate(zip(garments.vectors, garments.category, strict=True), first):
        name = item_of(number)
        yield Garment(
            item=name,
            photo=f"https://shop.example/photos/{number % 997:03d}/{name}.jpg",
            photo_sha256=hashlib.sha256(name.encode()).hexdigest(),
            photo_size=(400, 533),
            number=0,
            category=CATEGORIES[category],
            box=[20.0, 60.0, 330.0, 331.5],
            part_boxes=list(itertools.islice(itertools.cycle(_BOXES), len(vectors))),
            vectors=vectors,
            metadata={"seller": f"seller-{number % 4099}", "listed": "2026-03-01", "price": 19.9},
        )


def item_of(number: int) -> str:
    """The listing's id of garment `number`."""
    return f"listing-{number:08d}"
