"""Landmarks of trousers, shorts and skirts from their upright outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seamline.data.outline import Outline, Points, corner, turning

Named = dict[str, Points]

_CROTCH_TURN = 45.0


@dataclass(frozen=True)
class Lower:
    """A lower garment's points. `crotch_turn`: how sharply the outline turns at the crotch, in degrees."""

    points: Named
    crotch_turn: float


def skirt(outline: Outline) -> Lower:
    """Ends of the waistband and of the hem."""
    points = _waistband(outline)
    points["hem_left"] = corner(outline.contour, (-0.5, 1.0))
    points["hem_right"] = corner(outline.contour, (0.5, 1.0))
    return Lower(points, 180.0)


def trousers(outline: Outline, *, short: bool) -> Lower:
    """Ends of the waistband, crotch, and the outer and inner corner of both legs."""
    points = _waistband(outline)
    contour = outline.contour
    at, turn = _crotch(outline)
    if turn >= _CROTCH_TURN:
        points["crotch"] = contour[at]
        left, right = contour[: at + 1], contour[at:]
    else:
        _, y0, _, y1 = outline.box
        points["crotch"] = np.array([0.0, y0 + (0.65 if short else 0.4) * (y1 - y0)])
        middle = len(outline.left_path())
        left, right = contour[:middle], contour[middle:]
    points["leg_left_outer"], points["leg_left_inner"] = _leg_end(left, points["crotch"], points["waistband_left"])
    flip = np.array([-1.0, 1.0])
    outer, inner = _leg_end(right[::-1] * flip, points["crotch"] * flip, points["waistband_right"] * flip)
    points["leg_right_outer"], points["leg_right_inner"] = outer * flip, inner * flip
    return Lower(points, turn)


def _waistband(outline: Outline) -> Named:
    _, y0, _, y1 = outline.box
    top = outline.contour[outline.contour[:, 1] < y0 + 0.3 * (y1 - y0)]
    return {"waistband_left": corner(top, (-0.6, -1.0)), "waistband_right": corner(top, (0.6, -1.0))}


def _crotch(outline: Outline) -> tuple[int, float]:
    """Index of the sharpest concave corner near the axis, away from the waistband, and its turn."""
    x0, y0, x1, y1 = outline.box
    contour = outline.contour
    turns = -turning(contour, 0.06 * float(np.hypot(x1 - x0, y1 - y0)))
    share = (contour[:, 1] - y0) / (y1 - y0)
    turns[(share < 0.2) | (share > 0.95) | (np.abs(contour[:, 0]) > 0.25 * (x1 - x0))] = -180.0
    best = int(np.argmax(turns))
    return best, max(0.0, float(turns[best]))


def _leg_end(leg: Points, crotch: Points, waistband: Points) -> tuple[Points, Points]:
    """Outer and inner corner of the left leg's end; `leg` runs from the top of the axis down the outer side."""
    root = np.array([(crotch[0] + waistband[0]) / 2, crotch[1]])
    tip = leg[int(np.argmax(leg[:, 1]))]
    outer = inner = tip
    for _ in range(3):
        axis = (outer + inner) / 2 - root
        axis = axis / (float(np.linalg.norm(axis)) or 1.0)
        inwards = np.array([axis[1], -axis[0]])
        if inwards[0] < 0:
            inwards = -inwards
        below = leg[leg[:, 1] > root[1]]
        if len(below) < 2:
            return tip, tip
        outer = below[int(np.argmax(below @ (axis - 0.8 * inwards)))]
        inner = below[int(np.argmax(below @ (axis + 0.8 * inwards)))]
    return outer, inner
