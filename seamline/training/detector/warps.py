"""Pictures of people bent smoothly: other bodies, other poses, another lens."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.training.detector.album import Picture

_CONTROLS = 4
"""Points to a side of the grid that is moved about."""

_AWAY = 0.02
"""Standard deviation of a point's move, of the picture's longer side."""

_ASPECT = 0.2
"""Largest logarithm of the change of width to height."""


def warped(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture and its map of garments bent by the same moves; one whose garments are boxes stays as it is."""
    if not picture.exact:
        return picture
    height, width = picture.garments.shape
    x, y = _sources(width, height, rng)
    rgb = cv2.remap(picture.rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    garments = cv2.remap(np.ascontiguousarray(picture.garments), x, y, cv2.INTER_NEAREST)
    return dataclasses.replace(picture, rgb=np.asarray(rgb, np.uint8), garments=np.asarray(garments, np.uint8))


def _sources(width: int, height: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel of the bent picture comes from, both [height,width] of that one, which is no larger."""
    narrower = float(np.exp(rng.uniform(-_ASPECT, _ASPECT)))
    new = (max(8, round(width * min(1.0, narrower))), max(8, round(height * min(1.0, 1 / narrower))))
    moves = rng.normal(0, _AWAY * max(width, height), (_CONTROLS, _CONTROLS, 2)).astype(np.float32)
    away = cv2.resize(moves, new, interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[: new[1], : new[0]].astype(np.float32)
    return x * (width / new[0]) + away[..., 0], y * (height / new[1]) + away[..., 1]
