"""What each kind of garment is taken for by the detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Detections
from seamline.core.spec import CATEGORIES
from seamline.data.street import COARSE, StreetGarment, categories_of
from seamline.evaluation.report import Figure

TITLE = "detector on street photos: what a garment is taken for"
OVERLAP = 0.5
NOT_FOUND, FOUND, RIGHT = "not found", "found", "right, of the found"

Shown = tuple[slice, tuple[StreetGarment, ...]]
"""A photo's rows of detections, and what it shows."""


def confusion(found: Detections, shown: Sequence[Shown], least: float) -> Iterator[Figure]:
    """A row for each label, a category or a coarse one: shares of its garments by the category of the strongest box
    that overlaps it by half and scores `least`."""
    taken: dict[str, list[str]] = {}
    for rows, garments in shown:
        strong = found.scores[rows] >= least
        boxes = found.boxes[rows][strong]
        names = [name for name, kept in zip(found.categories[rows], strong, strict=True) if kept]
        for garment in garments:
            overlap = intersection_over_union(np.asarray(garment.box, np.float32), boxes) >= OVERLAP
            first = int(np.argmax(overlap)) if overlap.any() else -1
            taken.setdefault(garment.label, []).append(names[first] if first >= 0 else NOT_FOUND)
    columns = [name for name in (*CATEGORIES, NOT_FOUND) if any(name in values for values in taken.values())]
    for label in [name for name in (*CATEGORIES, *COARSE) if name in taken]:
        values = taken[label]
        for column in columns:
            yield Figure(TITLE, _row_of(label), column, values.count(column) / len(values), len(values))
    yield from _summary(taken)


def _row_of(label: str) -> str:
    return f"{label}, category not told" if label in COARSE else label


def _summary(taken: dict[str, list[str]]) -> Iterator[Figure]:
    """Shares of all garments that are found, and of the found ones that are called what they are, or may be."""
    every = [(label, name) for label, names in taken.items() for name in names]
    seen = [pair for pair in every if pair[1] != NOT_FOUND]
    right = sum(name in categories_of(label) for label, name in seen)
    yield Figure(TITLE, "all garments", FOUND, len(seen) / max(1, len(every)), len(every))
    yield Figure(TITLE, "all garments", RIGHT, right / max(1, len(seen)), len(seen))
