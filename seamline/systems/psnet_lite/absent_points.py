"""How far a landmark branch doubts points: those that are not there or that nobody could place, and those seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.training.crops import ABSENT, PRESENT, CropStore

DOUBTED = 0.2
"""Confidence below which region rules leave a point out."""

_SEEN = 3.0
"""A share of seen points that are doubted is as bad as this much more of absent ones that are believed."""


def doubted_share(points: NDArray[np.float32], store: CropStore, state: int = ABSENT) -> float:
    """Share of the store's points of a state to which predicted points [N,K,3] give hardly any confidence; NaN without
    any.

    Landmarks that none of the crops has do not count, such as the crotch of coats.
    """
    used = (store.state == PRESENT).any(0)
    confidence = points[..., 2][(store.state == state) & used]
    return float((confidence < DOUBTED).mean()) if len(confidence) else float("nan")


def wrongly_judged(points: NDArray[np.float32], store: CropStore) -> float:
    """Share of absent points that are believed, plus that of seen ones that are doubted, times three."""
    believed, doubted = 1 - doubted_share(points, store), doubted_share(points, store, PRESENT)
    return float(np.nan_to_num(believed) + _SEEN * np.nan_to_num(doubted))
