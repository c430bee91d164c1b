"""How far predicted landmarks are from labelled ones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CropSpec
from seamline.training.augment import plain_view
from seamline.training.crops import PRESENT, CropStore


def mean_distance(points: NDArray[np.float32], store: CropStore) -> float:
    """Mean distance of points [N,K,2 or more], in pixels of the plain views, from the store's N crops' present
    landmarks, in diagonals of the garment's box."""
    distances = []
    for crop, found in enumerate(points):
        view = plain_view(store, crop, CropSpec().side)
        present = view.state == PRESENT
        distances.append(np.hypot(*(found[present, :2] - view.points[present]).T) / _diagonal(store, crop))
    return float(np.concatenate(distances).mean())


def _diagonal(store: CropStore, crop: int) -> float:
    """Of the garment's box, in pixels of the plain view."""
    x0, y0, x1, y1 = store.labels[crop].box
    longer = max(x1 - x0, y1 - y0)
    return math.hypot(x1 - x0, y1 - y0) / longer * CropSpec().side / (1 + 2 * CropSpec().margin)
