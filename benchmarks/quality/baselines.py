"""What region vectors are compared with: a perceptual hash, one vector for the whole crop, and a colour histogram.

Each baseline turns a garment's crop into a unit vector, so that the dot product says how alike two crops are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

COLOURS = 6
"""Steps of each of red, green and blue in a colour histogram."""

_HASH_SIDE, _HASH_KEPT = 32, 8


def perceptual_hash(crop: Pixels) -> Floats:
    """The 64-bit pHash of an RGB crop as signs / 8, so that a dot product is 1 - 2 * Hamming distance / 64.

    Low frequencies of the cosine transform of the 32x32 grey picture, each above or below their median.
    """
    small = Image.fromarray(crop).convert("L").resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS)
    grey = np.asarray(small, np.float64)
    place = np.arange(_HASH_SIDE)
    cosines = np.cos(np.pi * (place[None] + 0.5) * place[:_HASH_KEPT, None] / _HASH_SIDE)
    low = (cosines @ grey @ cosines.T).reshape(-1)
    return np.where(low > np.median(low), 1.0, -1.0).astype(np.float32) / _HASH_KEPT


def colour_histogram(crop: Pixels) -> Floats:
    """Root of the joint RGB histogram of the crop's middle, whose dot product is the Bhattacharyya coefficient."""
    side = len(crop)
    middle = crop[side // 5 : -side // 5, side // 5 : -side // 5].reshape(-1, 3).astype(int) * COLOURS // 256
    counts = np.bincount(middle @ (COLOURS**2, COLOURS, 1), minlength=COLOURS**3)
    return np.sqrt(counts / counts.sum()).astype(np.float32)


def unit(vectors: Floats) -> Floats:
    """Vectors (..., D) scaled to unit length."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float32)
