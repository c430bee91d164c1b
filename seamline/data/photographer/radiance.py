"""Pixels as light: sRGB values to linear light and back (IEC 61966-2-1)."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Shares of red, green and blue in the luminance of linear light (ITU-R BT.709)."""


def linear_of(rgb: Pixels) -> Floats:
    """Linear light (H, W, 3), 0..1, of a picture."""
    return cast("Floats", cv2.LUT(rgb, _LINEAR))


def encoded(linear: Floats) -> Floats:
    """sRGB values 0..1 of linear light 0..1."""
    low, high = 12.92 * linear, 1.055 * np.maximum(linear, 1e-6) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, low, high).astype(np.float32)


def thumbnail(light: Floats, side: int = 48) -> Floats:
    """Means of a picture of light over a grid of (side, side, 3): enough to measure it by."""
    return cast("Floats", cv2.resize(light, (side, side), interpolation=cv2.INTER_AREA))


def _decoded() -> Floats:
    values = np.arange(256, dtype=np.float32) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _decoded()
