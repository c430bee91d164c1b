"""The main colour of a garment in Lab, for telling which other garments look alike at first sight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_FROM_RGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
_WHITE = np.array([0.9505, 1.0, 1.089], np.float32)
_LINEAR_BELOW = 216 / 24389
_STEP = 4
"""Every so many rows and columns of a crop are looked at."""


def lab(rgb: Pixels) -> Floats:
    """sRGB pixels (..., 3) in CIE L*a*b* under D65: L in 0..100, a distance of about 2 can just be seen."""
    values = rgb.astype(np.float32) / 255.0
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    ratio = light @ _FROM_RGB.T / _WHITE
    root = np.where(ratio > _LINEAR_BELOW, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def main_colour(crop: Pixels) -> Floats:
    """Median Lab colour (3,) of the middle of a crop, which nearly always shows the garment."""
    third = len(crop) // 3
    middle = crop[third:-third:_STEP, third:-third:_STEP]
    return np.asarray(np.median(lab(middle).reshape(-1, 3), axis=0), np.float32)


def main_colours(crops: Sequence[Pixels]) -> Floats:
    """The main colours (n, 3) of the garments of several sets of crops (m, side, side, 3)."""
    return np.array([main_colour(crop) for several in crops for crop in several], np.float32).reshape(-1, 3)
