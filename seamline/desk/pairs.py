"""Two garments and how they compare: one value for a hit, a suspect and a case, which is kept in the store as JSON.

The first side is the query (of a suspect: the listing), the second the hit (the original). Boxes are x0, y0, x1, y1 in
pixels of the upright photo, None where a part has no place; corners are as in `seamline.core.box_corners`. Part p of
the query was compared with the hit's part `partner[p]`, its mirror partner in a mirrored comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from seamline.client import Hit, Searched, SearchedGarment, Versions, to_jsonable
from seamline.client.comparing import kept_marks, paired_labels
from seamline.client.results import Floats
from seamline.core.box_corners import box_corners

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
SELLER, DATE = "seller", "date"
"""Columns of a manifest that the desk knows: who offers the item, and since when (ISO 8601)."""


@dataclass(frozen=True)
class Side:
    """One garment. `photo`: its address when it was indexed, or the name of the file that was uploaded. `sha256`: of
    the whole file, as indexed or received. `size`: width and height of the upright photo. `part_corners`: each
    part's place; its box is around them where the garment is turned in the photo."""

    item: str
    photo: str
    sha256: str
    size: tuple[int, int]
    garment: int
    category: str
    box: Box
    part_boxes: tuple[Box | None, ...]
    part_corners: tuple[Corners | None, ...]
    metadata: Mapping[str, Any]

    @property
    def seller(self) -> str:
        """As the manifest named it; "" where it did not."""
        return str(self.metadata.get(SELLER) or "")

    @property
    def date(self) -> str:
        """As the manifest named it; "" where it did not."""
        return str(self.metadata.get(DATE) or "")


@dataclass(frozen=True)
class ComparedPart:
    """One part: what it is called on either garment, its similarity (None: not comparable), its threshold, whether it
    was kept, and the place of the hit's part that it was compared with."""

    name: str
    label: str
    other_label: str
    similarity: float | None
    threshold: float
    kept: bool | None
    partner: int


@dataclass(frozen=True)
class Pair:
    """`versions`: what the server said of itself, whole."""

    query: Side
    hit: Side
    parts: tuple[ComparedPart, ...]
    score: float
    probability: float | None
    mirrored: bool
    versions: Mapping[str, Any]

    @property
    def changed(self) -> tuple[str, ...]:
        """Labels of the parts below their thresholds."""
        return tuple(part.label for part in self.parts if part.kept is False)

    def to_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Pair:
        """From what `to_data` gave."""
        parts = tuple(ComparedPart(**part) for part in data["parts"])
        return cls(**{**data, "query": _side(data["query"]), "hit": _side(data["hit"]), "parts": parts})


def _side(data: Mapping[str, Any]) -> Side:
    """Pairs that were kept before there were corners have those of their boxes."""
    boxes = tuple(None if box is None else _box(box) for box in data["part_boxes"])
    told = data.get("part_corners") or [None if box is None else box_corners(box).tolist() for box in boxes]
    corners = tuple(None if row is None else _corners(row) for row in told)
    width, height = data["size"]
    places = {"box": _box(data["box"]), "part_boxes": boxes, "part_corners": corners}
    return Side(**{**data, "size": (width, height), **places})


def _box(values: Any) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


def _corners(values: Any) -> Corners:
    first, second, third, fourth = ((float(x), float(y)) for x, y in values)
    return first, second, third, fourth


def pair_of(searched: Searched, garment: SearchedGarment, hit: Hit, query_photo: str, query_item: str = "") -> Pair:
    """A hit and its query. `query_photo`: what the query's file is called; `query_item`: the listing's item, if any."""
    query = Side(
        query_item or query_photo,
        query_photo,
        searched.photo_sha256,
        searched.photo_size,
        garment.number,
        garment.category,
        garment.box,
        _boxes(garment.part_boxes),
        _all_corners(garment.part_corners),
        {},
    )
    found = Side(
        hit.item,
        hit.photo,
        hit.photo_sha256,
        hit.photo_size,
        hit.garment,
        hit.category,
        hit.box,
        _boxes(hit.part_boxes),
        _all_corners(hit.part_corners),
        dict(hit.metadata),
    )
    parts = compared_parts(hit, garment.category, searched.versions)
    raw = dict(searched.versions.raw)
    return Pair(query, found, parts, float(hit.score), hit.copy_probability, hit.mirrored, raw)


def compared_parts(hit: Hit, category: str, versions: Versions) -> tuple[ComparedPart, ...]:
    """The parts of a garment of this category against the hit's."""
    names = versions.parts.names
    labels = paired_labels(versions.parts, category, hit.category, mirrored=hit.mirrored)
    thresholds = versions.kept_thresholds(hit.part_similarity)
    marks = kept_marks(hit.part_similarity, thresholds)
    partners = versions.parts.mirror if hit.mirrored else tuple(range(len(names)))
    similarity = to_jsonable(hit.part_similarity)
    columns = zip(names, labels, similarity, thresholds.tolist(), marks, partners, strict=True)
    return tuple(
        ComparedPart(name, own, other, value, threshold, kept, partner)
        for name, (own, other), value, threshold, kept, partner in columns
    )


def _boxes(values: Floats) -> tuple[Box | None, ...]:
    return tuple(None if None in row else _box(row) for row in to_jsonable(values))


def _all_corners(values: Floats) -> tuple[Corners | None, ...]:
    return tuple(_corners(part) if np.isfinite(part).all() else None for part in values)
