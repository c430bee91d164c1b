"""Tiles turned by any angle."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.image import Pixels
from seamline.training.detector.album import Picture
from seamline.training.detector.tiles import Tile

_QUARTERS = (90.0, 180.0, 270.0)
_QUARTERS_SHARE = 0.4
_SLANT = 8.0
"""Degrees by which a photo turned by quarters is off, where its garments are outlines."""


def any_turn(picture: Picture, rng: np.random.Generator) -> float:
    """Degrees clockwise: any where the garments are outlines, quarters where they are boxes, which stay boxes so."""
    if picture.exact and rng.random() >= _QUARTERS_SHARE:
        return float(rng.uniform(-180, 180))
    slant = rng.uniform(-_SLANT, _SLANT) if picture.exact and rng.random() < 0.5 else 0.0
    return float(rng.choice(_QUARTERS) + slant)


def rotated(tile: Tile, degrees: float, rng: np.random.Generator) -> Tile:
    """A tile turned clockwise in a frame that holds all of it; beyond its sides it goes on, or is of one colour."""
    width, height = tile.rgb.size
    matrix, size = _rotation(width, height, degrees)
    rgb, garments = np.asarray(tile.rgb), np.ascontiguousarray(tile.garments)
    surround, colour = _surround(rgb, rng)
    after = cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=surround, borderValue=colour)
    mask = cv2.warpAffine(garments, matrix, size, flags=cv2.INTER_NEAREST)
    turn = tile.turn + np.radians(degrees)
    return dataclasses.replace(tile, rgb=Image.fromarray(after), garments=np.asarray(mask, np.uint8), turn=float(turn))


def _rotation(width: int, height: int, degrees: float) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The affine matrix about the centre, and the size (width, height) that holds the turned picture."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    size = (
        max(1, round(abs(cosine) * width + abs(sine) * height)),
        max(1, round(abs(sine) * width + abs(cosine) * height)),
    )
    turn = np.array([[cosine, -sine], [sine, cosine]])
    offset = (np.array(size) - 1) / 2 - turn @ ((np.array([width, height]) - 1) / 2)
    return np.column_stack([turn, offset]), size


def _surround(rgb: Pixels, rng: np.random.Generator) -> tuple[int, tuple[float, ...]]:
    kind = rng.integers(4)
    if kind == 0:
        return cv2.BORDER_REPLICATE, (0.0, 0.0, 0.0)
    if kind == 1:
        return cv2.BORDER_REFLECT_101, (0.0, 0.0, 0.0)
    edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]]).mean(0)
    return cv2.BORDER_CONSTANT, tuple(edge if kind == 2 else rng.choice([0.0, 255.0, 128.0]) * np.ones(3))
