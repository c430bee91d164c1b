"""How sure a trained landmark branch is of points that are not there, and how to make it doubt them.

A network that has seen few people is sure of too much. Its presence is shifted for all landmarks alike, so that order
and places stay as they were.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.nn.landmarks import LandmarkBranch
from seamline.training.crops import ABSENT, PRESENT, CropStore

DOUBTED = 0.2
"""Confidence below which region rules leave a point out."""

_ROUNDING = 1e-3


def absent_confidences(points: NDArray[np.float32], store: CropStore) -> NDArray[np.float32]:
    """Confidences, in predicted points [N,K,3], of the absent ones of those landmarks that some of the crops have."""
    used = (store.state == PRESENT).any(0)
    found: NDArray[np.float32] = points[..., 2][(store.state == ABSENT) & used]
    return found


def doubt(branch: LandmarkBranch, points: NDArray[np.float32], store: CropStore, share: float) -> None:
    """Shift the branch's presence, in place, so that `share` of the absent points get a confidence below DOUBTED.

    `points` [N,K,3] are what it predicts for the store. Nothing is shifted where that holds already.
    """
    confidences = absent_confidences(points, store).astype(np.float64).clip(1e-6, 1 - 1e-6)
    if not len(confidences):
        return
    highest = float(np.quantile(np.log(confidences / (1 - confidences)), share, method="higher"))
    shift = min(0.0, math.log(DOUBTED / (1 - DOUBTED)) - highest - _ROUNDING)
    with torch.no_grad():
        branch.presence.bias.add_(shift)
