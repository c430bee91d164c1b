"""How far a landmark branch doubts points that are not there, or that nobody could place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.training.crops import ABSENT, PRESENT, CropStore

DOUBTED = 0.2
"""Confidence below which region rules leave a point out."""


def doubted_share(points: NDArray[np.float32], store: CropStore) -> float:
    """Share of the store's absent points to which predicted points [N,K,3] give hardly any confidence; NaN without any.

    Landmarks that none of the crops has do not count, such as the crotch of coats.
    """
    used = (store.state == PRESENT).any(0)
    absent = points[..., 2][(store.state == ABSENT) & used]
    return float((absent < DOUBTED).mean()) if len(absent) else float("nan")
