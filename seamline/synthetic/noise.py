"""Cheap smooth noise from a seeded generator."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]
"""(H, W) of float32; the stubs of OpenCV tell no more than that it is an array."""


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], cell: tuple[float, float], wrap: bool = False
) -> Field:
    """Noise (H, W) of mean 0 and spread about 1 whose bumps are `cell` = (rows, columns) pixels in size."""
    height, width = shape
    rows, columns = max(2, round(height / cell[0])), max(2, round(width / cell[1]))
    grid = rng.standard_normal((rows, columns), np.float32)
    if wrap:
        grid = np.pad(grid, 2, mode="wrap")
        sy, sx = height / rows, width / columns
        big = cv2.resize(grid, (round((columns + 4) * sx), round((rows + 4) * sy)), interpolation=cv2.INTER_CUBIC)
        y, x = round(2 * sy), round(2 * sx)
        return np.asarray(big[y : y + height, x : x + width], np.float32)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def cloudy_noise(
    rng: np.random.Generator, shape: tuple[int, ...], cell: float, octaves: int = 3, wrap: bool = False
) -> Field:
    """Sum of octaves (H, W), each half as large and half as strong; spread about 1."""
    total = np.zeros(shape, np.float32)
    strength = 1.0
    for _ in range(octaves):
        total += strength * smooth_noise(rng, shape, (cell, cell), wrap)
        cell, strength = max(cell / 2, 1.0), strength / 2
    return total / np.float32(1.15)


@functools.cache
def _grain_bank() -> Field:
    return np.random.default_rng(0).standard_normal((1024, 1024), np.float32)


def grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Field:
    """White noise (H, W), spread 1: a window of one fixed bank, since drawing it anew is what would cost."""
    bank = _grain_bank()
    height, width = shape
    if height > len(bank) or width > len(bank):
        return rng.standard_normal(shape, np.float32)
    y, x = rng.integers(0, len(bank) - height + 1), rng.integers(0, len(bank) - width + 1)
    return bank[y : y + height, x : x + width]
