"""Boxes as their four corners, which can say how a box is turned.

The corners are those of the garment held upright, in turn: its upper left, upper right, lower right and lower left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]


def box_corners(boxes: ArrayLike) -> Floats:
    """Corners (..., 4, 2) of boxes (..., 4) that are parallel to the photo's sides."""
    edges = np.asarray(boxes, np.float32)
    return edges[..., [0, 1, 2, 1, 2, 3, 0, 3]].reshape(*edges.shape[:-1], 4, 2)


def boxes_around(corners: Floats) -> Floats:
    """Boxes (..., 4) parallel to the photo's sides around corners (..., 4, 2)."""
    return np.concatenate([corners.min(-2), corners.max(-2)], -1)
