"""Landmarks of tops and dresses from their upright outline.

Each side is read with the same rules, written for the left side; the right one is the left of the mirrored outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seamline.data.outline import Outline, Points, at_column, at_height, corner, notch_facing, turning

Named = dict[str, Points]

LONG_SLEEVE = 0.5
"""Length of a sleeve, as a share of the garment's width at the armpits, from which it is called long."""

SLEEVELESS = 0.10
_ARMHOLE = 0.15


@dataclass(frozen=True)
class Kind:
    """What is expected of a kind of top.

    `armpit`: its depth below the garment's top as a share of the width between the armpits. `waist`: the waist's
    share of the way from armpit to hem: halfway down a top, at the natural waist of a dress. `least_turn`: degrees
    from which a concave corner is taken for an armpit. `collar`: whether a standing collar is expected. `strapped`:
    whether a garment without such a corner has no sleeves, rather than sleeves that lie on the body.
    """

    armpit: float
    waist: float = 0.48
    least_turn: float = 38.0
    collar: bool = False
    strapped: bool = False


@dataclass(frozen=True)
class Side:
    """One side of a top. `sleeve`: its length as a share of the garment's half width at the armpit.

    `armpit_turn`: how sharply the outline turns at the armpit, in degrees; the sharper, the surer.
    """

    points: Named
    sleeve: float
    armpit_turn: float


def sides(outline: Outline, kind: Kind) -> tuple[Side, Side]:
    """The left and the right side of a top, both in the frame of `outline`."""
    left = _left_side(outline, kind)
    right = _left_side(outline.mirrored(), kind)
    points = {name: point * (-1.0, 1.0) for name, point in right.points.items()}
    return left, Side(points, right.sleeve, right.armpit_turn)


def _left_side(outline: Outline, kind: Kind) -> Side:
    path = outline.left_path()
    armpit_at, turn = _armpit(outline, path, kind)
    armpit = path[armpit_at]
    half = max(abs(float(armpit[0])), 0.1 * (outline.box[2] - outline.box[0]))
    upper, lower = path[: armpit_at + 1], path[armpit_at:]
    shoulder = _shoulder(upper, armpit, half)
    points = {"shoulder": shoulder, "neck": _neck(upper, half, kind.collar), "hem": _hem(lower)}
    bare = kind.strapped and turn < kind.least_turn
    if bare:
        points |= {"shoulder": corner(upper, (-0.5, -1.0)), "neck": corner(upper, (0.3, -1.0))}
    outer, inner = _cuff(upper, armpit, shoulder)
    sleeve = float(np.linalg.norm((outer + inner) / 2 - (armpit + shoulder) / 2)) / (2 * half)
    sleeve = 0.0 if bare else sleeve
    if sleeve < LONG_SLEEVE:
        outer, inner = _short_cuff(upper, armpit, shoulder, (outer, inner))
    if sleeve >= SLEEVELESS:
        points |= {"cuff_outer": outer, "cuff_inner": inner}
    points["armpit"] = _raised(armpit, points["hem"], outline.box[1] + (kind.armpit + 0.15) * 2 * half)
    points["waist"] = at_height(lower, armpit[1] + kind.waist * (points["hem"][1] - armpit[1]))
    return Side(points, sleeve, turn)


def _armpit(outline: Outline, path: Points, kind: Kind) -> tuple[int, float]:
    """Index of the armpit and its turn: the sharpest concave corner beside the body, near where armpits are."""
    x0, y0, x1, y1 = outline.box
    height, width = y1 - y0, x1 - x0
    reach = 0.055 * float(np.hypot(width, height))
    turns = -turning(path, reach)
    turns[notch_facing(path, reach) < _ARMHOLE] = -180.0
    share = (path[:, 1] - y0) / height
    turns[(share < 0.12) | (share > 0.72) | (path[:, 0] > -0.12 * width)] = -180.0
    expected = y0 + kind.armpit * 2 * np.abs(path[:, 0])
    off = np.abs(path[:, 1] - expected) / (2 * np.abs(path[:, 0]) + 1e-6)
    best = int(np.argmax(turns - 60.0 * np.minimum(off, 1.0)))
    if turns[best] >= kind.least_turn:
        return best, float(turns[best])
    beside = np.where(path[:, 0] < -0.1 * width, np.abs(path[:, 1] - expected), np.inf)
    return int(np.argmin(beside)), max(0.0, float(turns[best]))


def _raised(armpit: Points, hem: Points, lowest: float) -> Points:
    """The armpit where it should be if the sleeve lies on the body and the outline parts from it too low."""
    if armpit[1] <= lowest or hem[1] <= armpit[1]:
        return armpit
    slope = (armpit - hem) / (hem[1] - armpit[1])
    return armpit + slope * (armpit[1] - lowest)


def _shoulder(upper: Points, armpit: Points, half: float) -> Points:
    """Where the sleeve's seam meets the top of the shoulder: above the armpit, a little further in."""
    above = upper[upper[:, 1] < armpit[1]]
    return at_column(above if len(above) else upper, armpit[0] + 0.13 * half)


def _neck(upper: Points, half: float, collar: bool) -> Points:
    near, far = (0.26, 0.5) if collar else (0.24, 0.66)
    reachable = upper[(upper[:, 0] < -near * half) & (upper[:, 0] > -far * half)]
    if len(reachable) == 0:
        return at_column(upper, -0.36 * half)
    if collar:
        return at_column(upper, -0.37 * half)
    return corner(reachable, (-0.17, -1.0))


def _hem(lower: Points) -> Points:
    return corner(lower, (-0.55, 1.0))


def _cuff(upper: Points, armpit: Points, shoulder: Points) -> tuple[Points, Points]:
    """Outer and inner corner of the sleeve's end, found along the sleeve's own axis."""
    root = (armpit + shoulder) / 2
    sleeve = upper[_nearest(upper, shoulder) :]
    if len(sleeve) < 3:
        return shoulder, armpit
    tip = sleeve[int(np.argmax(np.linalg.norm(sleeve - root, axis=1)))]
    outer = inner = tip
    for _ in range(3):
        axis = (outer + inner) / 2 - root
        axis = axis / (float(np.linalg.norm(axis)) or 1.0)
        across = np.array([axis[1], -axis[0]])
        if across @ (armpit - shoulder) < 0:
            across = -across
        end = int(np.argmax(sleeve @ axis))
        outer = sleeve[int(np.argmax(sleeve[: end + 1] @ (axis - 0.8 * across)))]
        inner = sleeve[end + int(np.argmax(sleeve[end:] @ (axis + 0.8 * across)))]
    return outer, inner


def _short_cuff(
    upper: Points, armpit: Points, shoulder: Points, fallback: tuple[Points, Points]
) -> tuple[Points, Points]:
    """The two sharpest convex corners between shoulder and armpit that a sleeve's end could join."""
    start = _nearest(upper, shoulder)
    size = float(np.linalg.norm(armpit - shoulder))
    turns = turning(upper, 0.2 * size)[start:]
    sleeve = upper[start:]
    peaks = _peaks(turns, 18.0)
    root = (armpit + shoulder) / 2
    best, best_value = fallback, 0.0
    for i in peaks:
        for j in peaks:
            length = float(np.linalg.norm(sleeve[i] - sleeve[j]))
            if j <= i or not 0.3 * size < length < 1.6 * size:
                continue
            reach = float(np.linalg.norm((sleeve[i] + sleeve[j]) / 2 - root)) / size
            value = turns[i] + turns[j] + 60.0 * min(reach, 1.0)
            if value > best_value:
                best, best_value = (sleeve[i], sleeve[j]), value
    return best


def _peaks(values: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """Indices of local maxima of at least `least`."""
    inner = values[1:-1]
    return 1 + np.flatnonzero((inner >= values[:-2]) & (inner > values[2:]) & (inner >= least))


def _nearest(path: Points, point: Points) -> int:
    return int(np.argmin(np.linalg.norm(path - point, axis=1)))
