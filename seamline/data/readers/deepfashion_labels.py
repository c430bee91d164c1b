"""DeepFashion's garments as labels.

Of its up to eight landmarks those with one place among ours are taken: collar, waistline and hem. A sleeve's end is one
point there and two here (outer and inner), and so is a trouser leg's; those stay unsure. Whose left the set means is
not published, so the picture decides, and where it does not tell, the points of the sides are unsure.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seamline.data.label_file import Label
from seamline.data.readers.deepfashion import Garment
from seamline.data.readers.deepfashion2_layout import label_points
from seamline.data.readers.deepfashion_lists import CUT_OFF, VISIBLE
from seamline.data.readers.kinds import FULL, LOWER, Kind, Sleeve, category_of, kind_of
from seamline.data.readers.photo_file import Landmark
from seamline.data.readers.sides import Point, exchanged, is_reversed

POINT_TRUST = 0.9
BOX_TRUST = 0.4
"""Below what the detector's training takes: the photos show other garments, which have no box."""

_SLEEVELESS, _LONG = 0.3, 0.75
"""Way from collar to sleeve end as a share of the way from collar to hem, up to which a garment has no sleeves, and
from which they are long. Guesses, for garments whose sleeves nothing else tells."""

_WAIST_TO_HEM = 1.5
"""How many times as far as a dress's waistline a top's hem would be."""


def to_label(garment: Garment, source: str, keep_occluded: bool) -> Label:
    """One garment's label, without mask. `source`: the benchmark's name."""
    kind = kind_of(garment.clothes_type, garment.entry.words)
    usual = Sleeve.LONG if kind is Kind.OUTWEAR else Sleeve.SHORT
    sleeve = garment.entry.sleeve or sleeve_of(garment.landmarks) or usual
    category = category_of(kind, sleeve)
    points, unsure = label_points(category, known_points(garment, kind, keep_occluded))
    item = f"{source}/{garment.entry.item}" if garment.entry.item else None
    return Label(
        garment.photo, garment.width, garment.height, garment.box, category, points, source, None, POINT_TRUST,
        BOX_TRUST, unsure, item,
    )  # fmt: skip


def known_points(garment: Garment, kind: Kind, keep_occluded: bool) -> dict[str, Point]:
    """Those of our landmarks whose place is annotated, with left and right as the picture shows them."""
    placed = {name: mark for name, mark in garment.landmarks.items() if mark.visibility != CUT_OFF}
    mirrored = is_reversed({name: (mark.x, mark.y) for name, mark in placed.items()})
    if mirrored is None:
        return {}
    kept = {name: (mark.x, mark.y) for name, mark in placed.items() if keep_occluded or mark.visibility == VISIBLE}
    names = _names(garment.clothes_type, kind)
    known = {
        f"{names[part]}_{side}": point for (part, side), point in _by_side(kept).items() if names.get(part) is not None
    }
    return exchanged(known) if mirrored else known


def sleeve_of(landmarks: Mapping[str, Landmark]) -> Sleeve | None:
    """A guess at the sleeves' length from the landmarks of one side; None where a point of it is cut off."""
    shares = [share for side in ("left", "right") if (share := _sleeve_share(landmarks, side)) is not None]
    if not shares:
        return None
    share = max(shares)
    return Sleeve.NONE if share < _SLEEVELESS else Sleeve.LONG if share >= _LONG else Sleeve.SHORT


def _sleeve_share(landmarks: Mapping[str, Landmark], side: str) -> float | None:
    low = "waistline" if f"waistline_{side}" in landmarks else "hem"
    marks = [landmarks.get(f"{part}_{side}") for part in ("collar", "sleeve", low)]
    places = [(mark.x, mark.y) for mark in marks if mark is not None and mark.visibility != CUT_OFF]
    if len(places) < 3:
        return None
    collar, sleeve, end = np.array(places)
    body = float(np.linalg.norm(end - collar)) * (_WAIST_TO_HEM if low == "waistline" else 1.0)
    return float(np.linalg.norm(sleeve - collar)) / max(body, 1.0)


def _names(clothes_type: int, kind: Kind) -> dict[str, str]:
    """DeepFashion's part -> ours."""
    if clothes_type == LOWER:
        return {"waistline": "waistband", **({"hem": "hem"} if kind is Kind.SKIRT else {})}
    return {"collar": "neck", "hem": "hem", **({"waistline": "waist"} if clothes_type == FULL else {})}


def _by_side(points: Mapping[str, Point]) -> dict[tuple[str, str], Point]:
    return {(name.split("_")[0], name.split("_")[1]): point for name, point in points.items()}
