"""What lies behind a garment, where a part of the garment is taken away."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask

_HALO = 5
"""Pixels around the removed part that are replaced as well: its shadow and its blurred edge."""
_FINE = 10.0
"""Blur in pixels between the background's broad colours, which run in, and its texture, which is moved in."""
_SMALLEST = 12
"""Side in pixels below which a piece of texture is no longer divided."""
_STEP = 4
"""Pixels between the places where texture is looked for."""

Box = tuple[int, int, int, int]
"""First and last row (exclusive), first and last column (exclusive)."""


def inpainted(rgb: Pixels, garment: Mask, gone: Mask) -> Pixels:
    """The photo with background in place of `gone`.

    `garment` (H, W) is the whole garment before, `gone` the part of it that disappears. Broad colours run in from
    around; texture is moved in from the nearest background, in pieces as large as the photo has.
    """
    left = np.where(gone > 0, 0, garment).astype(np.uint8)
    square = np.ones((2 * _HALO + 1,) * 2, np.uint8)
    hole = np.where(left > 0, 0, cv2.dilate(gone, square)).astype(np.uint8)
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    if not len(rows):
        return rgb
    occupied = np.asarray(cv2.dilate(np.maximum(garment, hole), square), np.uint8)
    free = np.where(occupied > 0, 0.0, 1.0).astype(np.float32)
    box = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    filled = _broad(rgb, free)[box[0] : box[1], box[2] : box[3]]
    _move_in(filled, _texture(rgb, free), np.asarray(cv2.integral(occupied // 255), np.int32), box, box)
    result = rgb.copy()
    window = result[box[0] : box[1], box[2] : box[3]]
    weight = (cv2.GaussianBlur(hole, (0, 0), 1.0)[box[0] : box[1], box[2] : box[3]] / np.float32(255))[..., None]
    weight = np.where(gone[box[0] : box[1], box[2] : box[3], None] > 0, 1.0, weight * (weight > 0.1))
    window[:] = np.clip(window + weight * (filled - window) + 0.5, 0, 255).astype(np.uint8)
    return result


def _broad(rgb: Pixels, free: Floats) -> Floats:
    """Colours (H, W, 3) of free background, run into what is not free; nearest background counts most."""
    size = free.shape[1] // 4 + 1, free.shape[0] // 4 + 1
    parts = cv2.resize(rgb * free[..., None], size, interpolation=cv2.INTER_AREA)
    shown = cv2.resize(free, size, interpolation=cv2.INTER_AREA)
    total, weight = np.zeros(parts.shape, np.float32), np.full(shown.shape, 1e-9, np.float32)
    for blur, trust in ((2.0, 1.0), (5.0, 0.02), (12.0, 0.0004), (40.0, 1e-6)):
        total = total + trust * np.asarray(cv2.GaussianBlur(parts, (0, 0), blur), np.float32)
        weight = weight + trust * np.asarray(cv2.GaussianBlur(shown, (0, 0), blur), np.float32)
    mean = (total / weight[..., None]).astype(np.float32)
    return np.asarray(cv2.resize(mean, free.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _texture(rgb: Pixels, free: Floats) -> Floats:
    """The photo (H, W, 3) without its broad colours."""
    size = free.shape[1] // 4 + 1, free.shape[0] // 4 + 1
    parts = cv2.GaussianBlur(cv2.resize(rgb * free[..., None], size, interpolation=cv2.INTER_AREA), (0, 0), _FINE / 4)
    shown = cv2.GaussianBlur(cv2.resize(free, size, interpolation=cv2.INTER_AREA), (0, 0), _FINE / 4)
    mean = parts / np.maximum(shown, 1e-3)[..., None]
    return np.asarray(rgb - cv2.resize(mean, free.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _move_in(filled: Floats, texture: Floats, sums: NDArray[np.int32], whole: Box, box: Box) -> None:
    """Add texture to the part `box` of `filled`, which shows `whole`; divided where no such piece is free."""
    y0, y1, x0, x1 = box
    found = _nearest_free(sums, box)
    if found is not None:
        dy, dx = found
        piece = texture[y0 + dy : y1 + dy, x0 + dx : x1 + dx]
        filled[y0 - whole[0] : y1 - whole[0], x0 - whole[2] : x1 - whole[2]] += piece
    elif max(y1 - y0, x1 - x0) > 2 * _SMALLEST:
        y, x = (y0 + y1) // 2, (x0 + x1) // 2
        halves = ((y0, y, x0, x1), (y, y1, x0, x1)) if y1 - y0 > x1 - x0 else ((y0, y1, x0, x), (y0, y1, x, x1))
        for half in halves:
            _move_in(filled, texture, sums, whole, half)


def _nearest_free(sums: NDArray[np.int32], box: Box) -> tuple[int, int] | None:
    """By how many rows and columns to go to the nearest box of the same size with nothing but background."""
    y0, y1, x0, x1 = box
    height, width = y1 - y0, x1 - x0
    rows, columns = (
        np.arange(y0 % _STEP, len(sums) - height, _STEP),
        np.arange(x0 % _STEP, sums.shape[1] - width, _STEP),
    )
    if not len(rows) or not len(columns):
        return None
    top, low = sums[rows][:, columns], sums[rows + height]
    taken = low[:, columns + width] - sums[rows][:, columns + width] - low[:, columns] + top
    away = np.where(taken == 0, np.abs(rows - y0)[:, None] + np.abs(columns - x0)[None], np.iinfo(np.int32).max)
    row, column = np.unravel_index(int(away.argmin()), away.shape)
    if taken[row, column]:
        return None
    return int(rows[row]) - y0, int(columns[column]) - x0
