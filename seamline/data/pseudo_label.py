"""From a silhouette and a class of clothing to category, landmarks and trust."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seamline.data import leg_landmarks, top_landmarks
from seamline.data.outline import Outline, Points, upright
from seamline.data.silhouette import Silhouette
from seamline.data.top_landmarks import LONG_SLEEVE, SLEEVELESS, Kind, Side

CLASSES = ("t-shirt", "longsleeve", "shirt", "outwear", "dress", "pants", "shorts", "skirt")
"""Classes of clothing (folder names) that can be read."""

_KINDS = {
    "t-shirt": Kind(armpit=0.46, least_turn=14.0),
    "longsleeve": Kind(armpit=0.52),
    "shirt": Kind(armpit=0.58, collar=True),
    "outwear": Kind(armpit=0.66, collar=True),
    "dress": Kind(armpit=0.52, waist=0.27, least_turn=25.0, strapped=True),
}
_NECK_DEPTH = {"t-shirt": 0.53, "longsleeve": 0.42, "shirt": 0.58, "outwear": 0.45, "dress": 0.45}
_SURE_TURN = {"t-shirt": 0.0, "longsleeve": 60.0, "shirt": 55.0, "outwear": 60.0, "dress": 0.0}
_BODY = ("shoulder", "armpit", "waist", "hem")
_CUFF = ("cuff_outer", "cuff_inner")


@dataclass(frozen=True)
class PseudoLabel:
    """What a silhouette shows. Points in pixels of the photo; `unsure` names points that exist but were not found."""

    category: str
    points: dict[str, Points]
    unsure: tuple[str, ...]
    trust: float
    box_trust: float


def pseudo_label(silhouette: Silhouette, clothing: str) -> PseudoLabel:
    """Category, landmarks and trust of a garment of this class. Raises KeyError for a class not in CLASSES.

    The silhouette must not be empty.
    """
    if clothing not in CLASSES:
        raise KeyError(clothing)
    outline = upright(silhouette.mask)
    box_trust = _box_trust(silhouette)
    if clothing in _KINDS:
        category, points, unsure, shape_trust = _top(outline, clothing)
    else:
        category, points, shape_trust = _lower(outline, clothing)
        unsure = ()
    in_photo = {name: outline.in_mask(point) / silhouette.scale for name, point in points.items()}
    return PseudoLabel(
        category, in_photo, unsure, box_trust * shape_trust * _ramp(outline.symmetry, 0.78, 0.9), box_trust
    )


def _box_trust(silhouette: Silhouette) -> float:
    sensible = _ramp(silhouette.area, 0.03, 0.08) * _ramp(-silhouette.area, -0.9, -0.75)
    return _ramp(silhouette.agreement, 0.55, 0.85) * _ramp(-silhouette.touching, -0.3, -0.08) * sensible


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _top(outline: Outline, clothing: str) -> tuple[str, dict[str, Points], tuple[str, ...], float]:
    left, right = top_landmarks.sides(outline, _KINDS[clothing])
    sure = [side.armpit_turn >= _SURE_TURN[clothing] for side in (left, right)]
    sleeve = _sleeve(left, right, clothing, sure)
    points: dict[str, Points] = {}
    unsure: list[str] = []
    for name, side, other, is_sure, other_sure in (
        ("left", left, right, sure[0], sure[1]),
        ("right", right, left, sure[1], sure[0]),
    ):
        points[f"neck_{name}"] = side.points["neck"]
        for part in _BODY:
            if is_sure or other_sure:
                points[f"{part}_{name}"] = side.points[part] if is_sure else other.points[part] * (-1.0, 1.0)
            else:
                unsure.append(f"{part}_{name}")
        for part in _CUFF if sleeve != "none" else ():
            key = f"cuff_{name}_{part.removeprefix('cuff_')}"
            if is_sure and part in side.points:
                points[key] = side.points[part]
            else:
                unsure.append(key)
    points["neck_bottom"] = _neck_bottom(points["neck_left"], points["neck_right"], _NECK_DEPTH[clothing])
    return _category(clothing, sleeve), points, tuple(unsure), _agreement(left, right, sure, outline)


def _sleeve(left: Side, right: Side, clothing: str, sure: list[bool]) -> str:
    """ "none", "short" or "long"; a sleeve that cannot be told from the body is a long one lying beside it."""
    if clothing in ("t-shirt", "longsleeve"):
        return "short" if clothing == "t-shirt" else "long"
    lengths = [side.sleeve for side, is_sure in zip((left, right), sure, strict=True) if is_sure]
    if not lengths or max(lengths) > LONG_SLEEVE:
        return "long"
    return "none" if max(lengths) < SLEEVELESS and clothing == "dress" else "short"


def _category(clothing: str, sleeve: str) -> str:
    if clothing == "dress":
        return {"none": "vest dress", "short": "short sleeve dress", "long": "long sleeve dress"}[sleeve]
    return f"{sleeve} sleeve {'outwear' if clothing == 'outwear' else 'top'}"


def _neck_bottom(left: Points, right: Points, depth: float) -> Points:
    """The neckline's lowest point, which no silhouette shows: the usual depth below the middle of the opening."""
    across = right - left
    return (left + right) / 2 + depth * np.array([-across[1], across[0]])


def _agreement(left: Side, right: Side, sure: list[bool], outline: Outline) -> float:
    """How well the two sides, both read on their own, mirror each other."""
    if not all(sure):
        return 0.8
    x0, y0, x1, y1 = outline.box
    shared = [name for name in left.points if name in right.points]
    gaps = [float(np.linalg.norm(left.points[name] * (-1.0, 1.0) - right.points[name])) for name in shared]
    return _ramp(-float(np.mean(gaps)) / float(np.hypot(x1 - x0, y1 - y0)), -0.14, -0.05)


def _lower(outline: Outline, clothing: str) -> tuple[str, dict[str, Points], float]:
    x0, y0, x1, y1 = outline.box
    slim = (y1 - y0) / (x1 - x0)
    if clothing == "skirt":
        return "skirt", leg_landmarks.skirt(outline).points, _ramp(slim, 0.35, 0.55)
    short = clothing == "shorts"
    lower = leg_landmarks.trousers(outline, short=short)
    upright_enough = _ramp(slim, 0.4, 0.6) if short else _ramp(slim, 0.8, 1.2)
    return (
        "shorts" if short else "trousers",
        lower.points,
        upright_enough * (0.4 + 0.6 * _ramp(lower.crotch_turn, 15.0, 45.0)),
    )
