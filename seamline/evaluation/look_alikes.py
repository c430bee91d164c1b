"""Photos that look like copies at first sight and are none: the same class of clothing in the same main colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.garments import Pixels

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

HARD_NEGATIVE_DISTANCE = 12.0
"""Distance in Lab up to which two main colours are the same at first sight."""


def strongest(photo: Indices, wanted: Indices) -> Indices:
    """Row of the first, which is the strongest, garment of each wanted photo, -1 where it has none."""
    rows = np.searchsorted(photo, wanted)
    found = photo[np.minimum(rows, len(photo) - 1)] == wanted if len(photo) else np.zeros(len(wanted), bool)
    return np.where(found, rows, -1)


def hard_negatives(
    classes: NDArray[np.str_],
    photo: Indices,
    query_photo: Indices,
    query_garment: Indices,
    crops: Sequence[Pixels],
) -> Flags:
    """Same class of clothing, and main colours of the strongest garments."""
    rows = strongest(photo, np.arange(len(classes)))
    alike = classes[query_photo][:, None] == classes
    colours = np.array([main_colour(crop) for several in crops for crop in several], np.float32).reshape(-1, 3)
    colour = np.where(rows[:, None] >= 0, colours[rows], np.inf)
    for query, row in enumerate(query_garment):
        near = np.linalg.norm(colour - colours[row], axis=-1) <= HARD_NEGATIVE_DISTANCE if row >= 0 else False
        alike[query] &= near
    return alike


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
