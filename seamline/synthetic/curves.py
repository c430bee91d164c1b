"""Plane curves of garments: arrays (N, 2) of points in centimetres, x right and y down."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[Any]
Pair = tuple[float, float] | Points


@functools.cache
def _shares(count: int, closed: bool = True) -> Points:
    return np.linspace(0, 1, count, endpoint=closed)[:, None]


def line(start: Pair, end: Pair, count: int = 8) -> Points:
    """Straight piece from start to end, both included."""
    share = _shares(count)
    return np.asarray(start, float) * (1 - share) + np.asarray(end, float) * share


def bow(start: Pair, end: Pair, sag: float, count: int = 16) -> Points:
    """Parabola from start to end; `sag` is its height to the right of the direction of travel (y down), in cm."""
    points = line(start, end, count)
    along = np.asarray(end, float) - np.asarray(start, float)
    normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    share = _shares(count)
    return points + normal * sag * 4 * share * (1 - share)


def spline(points: Sequence[Pair], each: int = 10) -> Points:
    """Catmull-Rom curve through the points, `each` steps between neighbours."""
    knots = np.array([np.asarray(point, float) for point in points])
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    share = _shares(each, False)
    pieces = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        cubic = -a + 3 * b - 3 * c + d
        square = 2 * a - 5 * b + 4 * c - d
        pieces.append(0.5 * (2 * b + (c - a) * share + square * share**2 + cubic * share**3))
    return np.vstack([*pieces, knots[-1:]])


def join(*pieces: Points | list[list[float]]) -> Points:
    """Pieces one after another, as an outline."""
    return np.vstack(pieces)


def mirror(points: Points) -> Points:
    """The same points on the other side of the axis x = 0."""
    return points * np.array([-1.0, 1.0])


def both_sides(right: Points) -> Points:
    """Closed outline from its right half, which runs from the top of the axis to its bottom."""
    return np.vstack([right, mirror(right)[::-1]])


def whole(right: Points) -> Points:
    """The curve from its left end through the middle to its right end, given its right half from the middle."""
    return join(mirror(right)[::-1], right[1:])


def on_side(points: Points, side: str) -> Points:
    """Points of the right side, or their mirror image for `side` left."""
    return mirror(points) if side == "left" else points


def offset(points: Points, distance: float) -> Points:
    """Curve at a distance to the right of the direction of travel (y down), in cm."""
    slope = np.gradient(points, axis=0)
    length = np.maximum(np.hypot(slope[:, 0], slope[:, 1]), 1e-9)
    return points + np.stack([-slope[:, 1], slope[:, 0]], 1) / length[:, None] * distance


def band(points: Points, distance: float) -> Points:
    """Closed strip between a curve and its offset."""
    return np.vstack([points, offset(points, distance)[::-1]])


def share_of(points: Points, start: float, end: float) -> Points:
    """The part of a curve between two shares of its length."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    place = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(start, end, max(8, len(points) // 2)) * place[-1]
    return np.stack([np.interp(wanted, place, points[:, axis]) for axis in (0, 1)], 1)
