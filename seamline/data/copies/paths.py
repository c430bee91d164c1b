"""Paths through a photo: their length, and places along them."""

from __future__ import annotations

import numpy as np

from seamline.data.copies.landmarks import Point


def length(vector: Point) -> float:
    """Of a vector (2,), or of a path (N, 2) of steps."""
    return float(np.sqrt((vector**2).sum(-1)).sum())


def along(path: Point, distance: float) -> Point:
    """The place at a distance along a path (N, 2); beyond its end, straight on."""
    steps = np.diff(path, axis=0)
    sizes = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-3)
    ends = np.cumsum(sizes)
    step = min(int(np.searchsorted(ends, distance)), len(steps) - 1)
    share = (distance - (ends[step] - sizes[step])) / sizes[step]
    return np.asarray(path[step] + share * steps[step], np.float32)
