"""The box around a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mask_box(mask: NDArray[Any]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of the pixels (H, W) that are set. Raises ValueError for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise ValueError("the mask is empty, so it has no box")
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
