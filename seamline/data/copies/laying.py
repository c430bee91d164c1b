"""Where the landmarks of a garment laid flat come to lie when somebody wears it.

Cloth keeps its length, so that a garment that is shorter than what is worn there ends earlier, and shows it below its
hem and sleeves. Its width is that of the body: seen from the front, half of a chest's circumference is narrower than
laid flat.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.core.spec import LANDMARKS
from seamline.data.copies.landmarks import GUESSED, Point, landmark
from seamline.data.copies.paths import along, length
from seamline.data.copies.sample import GarmentSample
from seamline.data.copies.zones import group_of

SIDES = ("left", "right")
TRUNK = tuple(f"{name}_{side}" for name in ("neck", "shoulder", "armpit", "waist", "hem") for side in SIDES)
"""Points of the trunk that a garment must have to be laid onto another."""

_UPPER = TRUNK[:6]
_WORN_WIDTH = 0.82
"""Width of a worn chest as seen from the front, as a share of the same garment's laid flat."""
_SAME_LENGTH = 1.3
"""Up to this ratio of lengths, a garment ends where the worn one does."""
_LONGEST = 1.9
"""From this ratio on, too much of a garment would be cut off at the worn one's hem."""
_LEAST_KNOWN = 5
_LEAST_CHEST = 24.0
_HIGHER = 0.08
"""How much higher than its own shape says a neck may stand, as a share of the chest's width."""
_SHOULDER = (0.55, 1.3)
"""How far along its outline a flat shoulder may be moved, as shares of its distance from the neck."""
_MISFIT = 0.3
"""Largest distance of a point from where the others say it is, as a share of the trunk's size."""

Points = dict[str, Point]


@dataclasses.dataclass(frozen=True)
class Laid:
    """A garment's trunk on a person.

    `flat`, `worn`: name -> place in the garment's photo, and in the person's; `body`: the same of what is worn there,
    which may go on below; `scale`: pixels there per pixel of the flat garment's lengths; `ends`: whether its own hem
    shows.
    """

    flat: Points
    worn: Points
    body: Points
    scale: float
    ends: bool


def kind_of(category: str) -> str:
    """top, outwear, dress or other."""
    words = category.split()
    if words[-1] in ("top", "vest", "sling"):
        return "top"
    return words[-1] if words[-1] in ("outwear", "dress") else "other"


def known(sample: GarmentSample, names: tuple[str, ...]) -> Points:
    """Those of the points that the sample has, without guesses."""
    places = {name: sample.points[LANDMARKS.index(name)] for name in names}
    return {name: place[:2] for name, place in places.items() if place[2] > GUESSED}


def lay_trunk(flat: GarmentSample, worn: GarmentSample) -> Laid:
    """Where the trunk comes to lie. Raises ValueError for another kind of garment, for one that lacks points, and
    where the worn one has too few or is of quite another length."""
    if "other" in (kind_of(flat.category), kind_of(worn.category)):
        raise ValueError(f"a {flat.category} is not laid onto a {worn.category}")
    theirs = known(flat, TRUNK)
    if len(theirs) < len(TRUNK):
        lacking = ", ".join(name for name in TRUNK if name not in theirs)
        raise ValueError(f"the garment laid flat lacks {lacking}, so that it can be laid onto nothing")
    places = _completed(theirs, known(worn, TRUNK), kind_of(flat.category) == kind_of(worn.category))
    scale = _scale(theirs, places)
    if group_of(flat) == "sleeved":
        theirs |= _shoulders(flat, theirs, places, scale)
    body, places = places, places | _necks(theirs, places, scale)
    ratio = np.mean([_side_length(theirs, side) * scale / _side_length(places, side) for side in SIDES])
    same = kind_of(flat.category) == kind_of(worn.category)
    if ratio > _LONGEST or (ratio < 1 / _LONGEST and same and kind_of(flat.category) != "top"):
        raise ValueError(f"the garment is {ratio:.1f} times as long as the one that is worn")
    if 1 / _SAME_LENGTH <= ratio <= _SAME_LENGTH:
        return Laid(theirs, places, body, scale, False)
    return Laid(theirs, places | _own_length(theirs, places, scale), body, scale, bool(ratio < 1))


def _completed(theirs: Points, places: Points, same_kind: bool) -> Points:
    """The worn garment's points, those that it lacks from how the flat one's lie to each other."""
    names = [name for name in places if same_kind or not name.startswith("hem")]
    upper = sum(name in _UPPER for name in names)
    pairs = {"neck", "shoulder", "armpit"} & {
        name[:-5] for name in names if name.endswith("_left") and f"{name[:-5]}_right" in names
    }
    if len(names) < _LEAST_KNOWN or not pairs or upper < 3 or upper == len(names):
        raise ValueError("too few landmarks of the worn garment are known to lay another onto it")
    start, end = (np.array([points[name] for name in names], np.float64) for points in (theirs, places))
    lifted = np.column_stack([start, np.ones(len(start))])
    matrix, *_ = np.linalg.lstsq(lifted, end, rcond=None)
    off = np.abs(lifted @ matrix - end).max() / max(1.0, float(np.ptp(end, axis=0).max()))
    if np.linalg.det(matrix[:2]) <= 0 or off > _MISFIT:
        raise ValueError("the worn garment's landmarks do not lie as those of such a garment do")
    guessed = {name: np.asarray([*point, 1.0] @ matrix, np.float32) for name, point in theirs.items()}
    return guessed | places


def _scale(theirs: Points, places: Points) -> float:
    chest = length(places["armpit_right"] - places["armpit_left"])
    if chest < _LEAST_CHEST:
        raise ValueError("the worn garment is too small in its photo, or turned to the side")
    return chest / (_WORN_WIDTH * max(1.0, length(theirs["armpit_right"] - theirs["armpit_left"])))


def _side_length(points: Points, side: str) -> float:
    armpit, waist, hem = (points[f"{name}_{side}"] for name in ("armpit", "waist", "hem"))
    return max(1.0, length(waist - armpit) + length(hem - waist))


def _shoulders(flat: GarmentSample, theirs: Points, places: Points, scale: float) -> Points:
    """The flat shoulders as far from the neck as those of the worn garment.

    Laid flat, a shoulder is a place on a smooth outline and hard to tell; on a person it is plain to see.
    """
    moved: Points = {}
    for side in SIDES:
        cuff = landmark(flat, f"cuff_{side}_outer")
        neck, shoulder = theirs[f"neck_{side}"], theirs[f"shoulder_{side}"]
        if cuff is not None:
            own, wanted = length(shoulder - neck), length(places[f"shoulder_{side}"] - places[f"neck_{side}"]) / scale
            distance = float(np.clip(wanted, _SHOULDER[0] * own, _SHOULDER[1] * own))
            moved[f"shoulder_{side}"] = along(np.stack([neck, shoulder, cuff]), distance)
    return moved


def _necks(theirs: Points, places: Points, scale: float) -> Points:
    """The ends of the neck, where those of the worn garment stand too high: a high collar stays above the neckline."""
    chest = length(places["armpit_right"] - places["armpit_left"])
    moved: Points = {}
    for side in SIDES:
        up, rise = _rise(places, side)
        excess = rise - scale * _rise(theirs, side)[1] - _HIGHER * chest
        if excess > 0:
            moved[f"neck_{side}"] = places[f"neck_{side}"] - excess * up
    return moved


def _rise(points: Points, side: str) -> tuple[Point, float]:
    """The trunk's direction upwards, and how far along it the neck stands above the shoulder."""
    axis = sum((points[f"shoulder_{one}"] - points[f"hem_{one}"] for one in SIDES), np.zeros(2, np.float32))
    up = axis / max(1.0, length(axis))
    return up, float((points[f"neck_{side}"] - points[f"shoulder_{side}"]) @ up)


def _own_length(theirs: Points, places: Points, scale: float) -> Points:
    """Waist and hem at their own distance below the armpits, along the sides of what is worn."""
    moved: Points = {}
    for side in SIDES:
        armpit, waist, hem = (theirs[f"{name}_{side}"] for name in ("armpit", "waist", "hem"))
        path = np.array([places[f"{name}_{side}"] for name in ("armpit", "waist", "hem")], np.float32)
        first = scale * length(waist - armpit)
        moved[f"waist_{side}"] = along(path, first)
        moved[f"hem_{side}"] = along(path, first + scale * length(hem - waist))
    return moved
