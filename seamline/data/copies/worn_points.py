"""Where a garment on a person has the points that nobody set: guessed from its other points, or read from its mask.

Guesses are good enough to divide a garment into regions; they measure nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.mask_box import mask_box
from seamline.data.pseudo_label import PseudoLabel, pseudo_label
from seamline.data.silhouette import SIDE, Mask, Silhouette, cleaned

Place = NDArray[np.float64]
"""(2,) x, y in pixels."""

LOWER: Mapping[str, str] = {"trousers": "pants", "shorts": "shorts", "skirt": "skirt"}
"""Category of what hangs from the waist -> the class by which its silhouette is read."""

_PAIRS = ("neck", "shoulder", "armpit", "waist", "hem", "cuff_{}_outer", "cuff_{}_inner")
_MIDDLE_TO_NECK, _NECK_DEPTH = 0.4, 0.3
"""How far from the middle to a shoulder the neck's opening ends, and how deep it is as a share of the shoulders."""
_ARMPIT_DOWN = 0.45
"""How far below a shoulder the armpit lies, as a share of the distance of the shoulders."""
_WAIST_DOWN, _WAIST_RANGE = 0.9, (0.3, 0.6)
"""The natural waist below the armpits, as a share of their distance; and of the way from there to the hem."""
_CROTCH, _CROTCH_RANGE = 0.28, (0.15, 0.45)
"""The crotch of trousers on the way from waistband to leg ends: where it usually is, and where it can be."""
_LEAST_SLIM = 1.7
"""Height over width of trousers that are not half hidden under a coat."""
_MARGIN = 0.1
"""Empty border of a silhouette, as a share of its longer side."""


def with_guesses(known: Mapping[str, Place]) -> dict[str, Place]:
    """The known points of a top, coat or dress, and of those that are missing all that others tell: the mirror image
    of the other side, the neck and armpits from the shoulders, the waist between armpits and hem."""
    points = dict(known)
    _mirror(points)
    if {"shoulder_left", "shoulder_right"} <= points.keys():
        _from_shoulders(points)
    for side in ("left", "right"):
        armpit, hem = points.get(f"armpit_{side}"), points.get(f"hem_{side}")
        if armpit is not None and hem is not None and f"waist_{side}" not in points:
            points[f"waist_{side}"] = armpit + _waist_share(points, armpit, hem) * (hem - armpit)
    return points


def _named(part: str, side: str) -> str:
    return part.format(side) if "{}" in part else f"{part}_{side}"


def _mirror(points: dict[str, Place]) -> None:
    """Add the mirror image of each point whose partner is missing, about the axis of those that have one."""
    pairs = [(_named(part, "left"), _named(part, "right")) for part in _PAIRS]
    whole = [(points[left], points[right]) for left, right in pairs if left in points and right in points]
    if not whole:
        return
    across = np.sum([right - left for left, right in whole], axis=0)
    across = across / max(1e-6, float(np.hypot(*across)))
    middle = np.mean([(left + right) / 2 for left, right in whole], axis=0)
    for left, right in pairs:
        for there, missing in ((left, right), (right, left)):
            if there in points and missing not in points and not there.startswith("cuff"):
                points[missing] = points[there] - 2 * ((points[there] - middle) @ across) * across


def _from_shoulders(points: dict[str, Place]) -> None:
    left, right = points["shoulder_left"], points["shoulder_right"]
    across = right - left
    down, middle = np.array([-across[1], across[0]]), (left + right) / 2
    for side, shoulder in (("left", left), ("right", right)):
        points.setdefault(f"neck_{side}", middle + _MIDDLE_TO_NECK * (shoulder - middle))
        points.setdefault(f"armpit_{side}", shoulder + _ARMPIT_DOWN * down)
    points.setdefault("neck_bottom", middle + _NECK_DEPTH * down)


def _waist_share(points: Mapping[str, Place], armpit: Place, hem: Place) -> float:
    both = [points[name] for name in ("armpit_left", "armpit_right") if name in points]
    width = float(np.hypot(*(both[-1] - both[0])))
    length = max(1e-6, float(np.hypot(*(hem - armpit))))
    return float(np.clip(_WAIST_DOWN * width / length, *_WAIST_RANGE))


def read_lower(mask: Mask, category: str) -> PseudoLabel:
    """Points of trousers, shorts or a skirt from its mask (H, W), in the photo's pixels, and how far they are to be
    believed. Raises ValueError for an empty mask."""
    x0, y0, x1, y1 = (round(value) for value in mask_box(mask))
    border = round(_MARGIN * max(x1 - x0, y1 - y0))
    framed = np.pad(mask[y0:y1, x0:x1], border)
    scale = min(1.0, SIDE / max(framed.shape))
    size = max(2, round(framed.shape[1] * scale)), max(2, round(framed.shape[0] * scale))
    small = np.asarray(cv2.resize(framed, size, interpolation=cv2.INTER_AREA), np.uint8)
    whole = cleaned(np.where(small > 127, 255, 0).astype(np.uint8))
    if not whole.any():
        raise ValueError("the mask has no piece that is large enough")
    found = pseudo_label(Silhouette(whole, scale, agreement=1.0, touching=0.0), LOWER[category])
    corner = np.array([x0 - border, y0 - border])
    points = {name: point + corner for name, point in found.points.items()}
    if category == "trousers":
        slim = (y1 - y0) / (x1 - x0)
        if not _raise_crotch(points) and slim < _LEAST_SLIM:
            return PseudoLabel(category, points, found.unsure, 0.0, found.box_trust)
    return PseudoLabel(category, points, found.unsure, found.trust, found.box_trust)


def _raise_crotch(points: dict[str, Place]) -> bool:
    """Whether the crotch is where it can be. The legs of somebody who stands often touch down to the knees or the
    feet, and there the outline forks; then the crotch is set to its usual height."""
    top = (points["waistband_left"] + points["waistband_right"]) / 2
    bottom = np.mean([point for name, point in points.items() if name.startswith("leg_")], axis=0)
    down = bottom - top
    share = float((points["crotch"] - top) @ down / max(1e-6, down @ down))
    if share > _CROTCH_RANGE[1] or share < _CROTCH_RANGE[0]:
        points["crotch"] = top + _CROTCH * down
        return False
    return True
