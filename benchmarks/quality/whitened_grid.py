"""The strongest untrained baseline: a garment as a 3 x 3 grid of ImageNet features, half whitened on the gallery.

Principal components after Jegou and Chum, ECCV 2012; half whitened: each is divided by the root of its standard
deviation. It knows neither categories nor landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.comparing import unit

Floats = NDArray[np.float32]

CELLS = 3
"""Cells of the grid along each side."""
COMPONENTS = 256

_LEAST = 1e-9


def grid(maps: Floats) -> Floats:
    """Means (n, CELLS * CELLS * C) of maps (n, C, side, side) over cells that share their borders, as adaptive pooling
    has it."""
    side = maps.shape[-1]
    spans = [slice(cell * side // CELLS, -(-(cell + 1) * side // CELLS)) for cell in range(CELLS)]
    cells = [maps[:, :, rows, columns].mean((2, 3)) for rows in spans for columns in spans]
    return np.concatenate(cells, -1).astype(np.float32)


def half_whitened(gallery: Floats, others: Sequence[Floats] = ()) -> Floats:
    """Unit vectors (n, COMPONENTS) of the gallery's grids (m, D) and of others after them, in the gallery's own
    components."""
    mean = gallery.mean(0)
    centred = (gallery - mean).astype(np.float64)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(gallery))
    kept = [index for index in np.argsort(-variance)[:COMPONENTS] if variance[index] > _LEAST * variance.max()]
    scaled = axes[:, kept] * variance[kept] ** -0.25
    every = np.concatenate([gallery, *others]) - mean
    return unit((every @ scaled).astype(np.float32))
