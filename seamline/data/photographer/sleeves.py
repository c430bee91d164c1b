"""What sleeves do between two photos: they swing about the shoulder, or are folded in."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import cv2
import numpy as np

from seamline.core.spec import LANDMARKS
from seamline.data.copies.sample import Floats
from seamline.data.copies.warp import Doubles
from seamline.data.photographer.hinge import Hinge
from seamline.data.photographer.strengths import Strengths

_NAMES = ("shoulder_{}", "armpit_{}", "cuff_{}_outer", "cuff_{}_inner")
_BODY = ("shoulder_left", "armpit_left", "hem_left", "hem_right", "armpit_right", "shoulder_right")
_MOST_SWING = 40.0


@dataclasses.dataclass(frozen=True)
class SleeveParams(Strengths):
    """`moved`: probability that the sleeves lie differently; `swing`: standard deviation of the angle in degrees that
    one then moves by; `folded`: probability that a long one is folded in instead."""

    CHANCES: ClassVar[tuple[str, ...]] = ("moved", "folded")

    moved: float = 0.7
    swing: float = 10.0
    folded: float = 0.05


def random_hinges(landmarks: Floats, params: SleeveParams, random: np.random.Generator) -> list[Hinge]:
    """What each sleeve does whose landmarks (of (K, 3)) are known, on a body whose landmarks are."""
    body, hinges = _found(landmarks, *_BODY), list[Hinge]()
    if random.random() >= params.moved or body is None:
        return hinges
    for side in ("left", "right"):
        folded, draws = random.random() < params.folded, random.standard_normal(3)
        known = _found(landmarks, *(name.format(side) for name in _NAMES))
        if known is None:
            continue
        still = Hinge(np.ascontiguousarray(known[[0, 2, 3, 1]]), _around(known, body, side), body, known[:2].mean(0))
        if folded and _is_long(known):
            hinges.append(_folded(still, known, body.mean(0), draws))
        else:
            hinges.append(_swung(still, known, params.swing, draws))
    return hinges


def _found(landmarks: Floats, *names: str) -> Floats | None:
    """Places (N, 2) of landmarks; None unless all are known."""
    known = landmarks[[LANDMARKS.index(name) for name in names]]
    return np.ascontiguousarray(known[:, :2]) if (known[:, 2] > 0).all() else None


def _around(known: Floats, body: Floats, side: str) -> Floats:
    """Polygon (4, 2) around a sleeve and the room about it; below, to the line between it and the body's side."""
    shoulder, armpit, outer, inner = known
    wide = float(np.hypot(*(shoulder - armpit)))
    ahead = _unit((outer + inner) / 2 - (shoulder + armpit) / 2)
    aside = np.array([-ahead[1], ahead[0]], np.float32)
    aside = aside if (outer - inner) @ aside > 0 else -aside
    down = body[_BODY.index(f"hem_{side}")] - armpit
    below = armpit + 1.15 * np.hypot(*(inner - armpit)) * _unit(_unit(inner - armpit) + _unit(down))
    corners = [shoulder + 0.3 * (shoulder - armpit), outer + wide * (0.6 * aside + 0.5 * ahead), below, armpit]
    return np.ascontiguousarray(cv2.convexHull(np.stack(corners).astype(np.float32))[:, 0])


def _is_long(known: Floats) -> bool:
    """Whether the sleeve is long enough to be folded in."""
    shoulder, armpit, outer, inner = known
    length = np.hypot(*((outer + inner) / 2 - (shoulder + armpit) / 2))
    return bool(length > 1.5 * np.hypot(*(shoulder - armpit)))


def _swung(still: Hinge, known: Floats, swing: float, draws: Doubles) -> Hinge:
    shoulder, armpit, outer, inner = known
    seam, length = np.hypot(*(shoulder - armpit)) / 2, np.hypot(*((outer + inner) / 2 - still.centre))
    # A short sleeve has no room to swing.
    angle = np.deg2rad(np.clip(swing * draws[0], -_MOST_SWING, _MOST_SWING)) * min(1.0, length / (4 * seam + 1))
    reach = float(max(0.6 * length, 1.3 * seam))
    return dataclasses.replace(still, angle=float(angle), inner=float(seam), outer=reach)


def _folded(still: Hinge, known: Floats, middle: Floats, draws: Doubles) -> Hinge:
    """The outer part of the sleeve folded over a line across it, so that it points inwards, over the body."""
    shoulder, armpit, outer, inner = known
    along = float(np.clip(0.4 + 0.15 * draws[1], 0.2, 0.7))
    upper, lower = shoulder + along * (outer - shoulder), armpit + along * (inner - armpit)
    lean = np.deg2rad(10 + 15 * draws[2])
    inwards = _unit(middle - (shoulder + armpit) / 2)
    towards = np.cos(lean) * inwards + np.sin(lean) * _unit(armpit - shoulder)
    normal = _unit(_unit((outer + inner) / 2 - still.centre) - _unit(towards)).astype(np.float64)
    return dataclasses.replace(still, centre=((upper + lower) / 2).astype(np.float32), fold=normal)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(1e-6, float(np.hypot(*vector))), np.float32)
