"""DeepFashion2's landmarks (Ge et al., CVPR 2019): counts, mirror pairs, and which of them are ours.

Numbers count from 1 within a category and walk round the outline: neck, left shoulder, left sleeve, left side, hem,
and up the right side; left is the picture's. Counts and pairs are the published code's; what each point shows is read
off the published figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from seamline.core.spec import CATEGORIES, LANDMARKS, counterpart
from seamline.data.label_file import Point

COUNT: Mapping[str, int] = dict(zip(CATEGORIES, (25, 33, 31, 39, 15, 15, 10, 14, 8, 29, 37, 19, 19), strict=True))
"""Category -> number of landmarks."""

_SHORT_TOP = "2-6 3-5 7-25 8-24 9-23 10-22 11-21 12-20 13-19 14-18 15-17"
_LONG_TOP = "2-6 3-5 7-33 8-32 9-31 10-30 11-29 12-28 13-27 14-26 15-25 16-24 17-23 18-22 19-21"
_VEST = "2-6 3-5 7-15 8-14 9-13 10-12"
_VEST_DRESS = "2-6 3-5 7-19 8-18 9-17 10-16 11-15 12-14"

_PAIRS = {
    "short sleeve top": _SHORT_TOP,
    "long sleeve top": _LONG_TOP,
    "short sleeve outwear": f"{_SHORT_TOP} 4-26 16-29 27-30 28-31",
    "long sleeve outwear": f"{_LONG_TOP} 4-34 20-37 35-38 36-39",
    "vest": _VEST,
    "sling": _VEST,
    "shorts": "1-3 4-10 5-9 6-8",
    "trousers": "1-3 4-14 5-13 6-12 7-11 8-10",
    "skirt": "1-3 4-8 5-7",
    "short sleeve dress": "2-6 3-5 7-29 8-28 9-27 10-26 11-25 12-24 13-23 14-22 15-21 16-20 17-19",
    "long sleeve dress": (
        "2-6 3-5 7-37 8-36 9-35 10-34 11-33 12-32 13-31 14-30 15-29 16-28 17-27 18-26 19-25 20-24 21-23"
    ),
    "vest dress": _VEST_DRESS,
    "sling dress": _VEST_DRESS,
}

_BARE = {"neck_left": 2, "shoulder_left": 7, "armpit_left": 8, "waist_left": 9}
_SHORT = {
    "neck_left": 2, "shoulder_left": 7, "cuff_left_outer": 9, "cuff_left_inner": 10, "armpit_left": 12, "waist_left": 14
}  # fmt: skip
_LONG = {
    "neck_left": 2, "shoulder_left": 7, "cuff_left_outer": 11, "cuff_left_inner": 12, "armpit_left": 16,
    "waist_left": 18,
}  # fmt: skip

_LEFT: Mapping[str, Mapping[str, int]] = {
    "short sleeve top": {**_SHORT, "hem_left": 15},
    "long sleeve top": {**_LONG, "hem_left": 19},
    "short sleeve outwear": {**_SHORT, "hem_left": 15},
    "long sleeve outwear": {**_LONG, "hem_left": 19},
    "vest": {**_BARE, "hem_left": 10},
    "sling": {**_BARE, "hem_left": 10},
    "shorts": {"waistband_left": 1, "leg_left_outer": 5, "leg_left_inner": 6},
    "trousers": {"waistband_left": 1, "leg_left_outer": 6, "leg_left_inner": 7},
    "skirt": {"waistband_left": 1, "hem_left": 5},
    "short sleeve dress": {**_SHORT, "hem_left": 17},
    "long sleeve dress": {**_LONG, "hem_left": 21},
    "vest dress": {**_BARE, "hem_left": 12},
    "sling dress": {**_BARE, "hem_left": 12},
}
"""Our landmarks of the left side; those of the right are their mirror images."""

_CROTCH = {"shorts": 7, "trousers": 9}
_FRONT_TOP = 4
"""The neckline's lowest point; on outwear, the top of the left front edge."""


@cache
def swaps(category: str) -> Mapping[int, int]:
    """Landmark -> its counterpart in a mirrored photo; a point without one is its own."""
    found = {number: number for number in range(1, COUNT[category] + 1)}
    for pair in _PAIRS[category].split():
        left, right = map(int, pair.split("-"))
        found[left], found[right] = right, left
    return found


@cache
def landmark_indices(category: str) -> Mapping[str, tuple[int, ...]]:
    """Our landmark -> the set's one, or the two it lies midway between; in the order of `spec.LANDMARKS`.

    The lowest point of an open garment's neckline is taken midway between the tops of its two front edges.
    """
    swap = swaps(category)
    found: dict[str, tuple[int, ...]] = {name: (number,) for name, number in _LEFT[category].items()}
    found |= {counterpart(name): (swap[number],) for name, number in _LEFT[category].items()}
    if category in _CROTCH:
        found["crotch"] = (_CROTCH[category],)
    elif category != "skirt":
        found["neck_bottom"] = tuple(sorted({_FRONT_TOP, swap[_FRONT_TOP]}))
    return {name: found[name] for name in LANDMARKS if name in found}


def label_points(category: str, known: Mapping[str, Point]) -> tuple[dict[str, Point | None], tuple[str, ...]]:
    """All 22 landmarks, and which of them the category has without their place being known.

    Known points of parts that the category does not have (the cuffs of a vest) are left out.
    """
    own = landmark_indices(category)
    points = {name: known.get(name) if name in own else None for name in LANDMARKS}
    return points, tuple(name for name in own if points[name] is None)
