"""Originals and their copies: what is known about each region, whatever describes it."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

KEPT, CHANGED, UNCLEAR = 0, 1, -1
"""What became of a part of an original in a copy."""


@dataclasses.dataclass(frozen=True)
class Views:
    """N views: visible [N,P], original [N] (index of the garment's original view), copy [N] (number of the copy, -1 for
    an original), change [N,P] of the original's regions, mirrored [N]."""

    visible: Floats
    original: NDArray[np.int64]
    copy: NDArray[np.int64]
    change: NDArray[np.int8]
    mirrored: NDArray[np.bool_]

    @property
    def originals(self) -> NDArray[np.int64]:
        """Indices of the originals."""
        return np.flatnonzero(self.copy < 0)

    @property
    def copies(self) -> NDArray[np.int64]:
        """Indices of the copies."""
        return np.flatnonzero(self.copy >= 0)
