"""Tiles turned by any angle, and the boxes of their garments along the garments' own axes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.image import Pixels
from seamline.training.detector.album import Picture
from seamline.training.detector.tiles import Tile, boxes_of

Upright = tuple[float, float, float, float, float, float]
"""Centre, width and height in the tile's pixels, cosine and sine of the turn; see `seamline.nn.oriented_head`."""

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


def upright_boxes(tile: Tile) -> Iterator[tuple[tuple[float, float, float, float], int, int, Upright]]:
    """`boxes_of` a tile, each with the box of the same pixels along the garment's own axes."""
    for box, label, number in boxes_of(tile):
        yield box, label, number, _along_axes(tile.garments == number, box, tile.turn)


def _along_axes(mask: NDArray[np.bool_], box: tuple[float, float, float, float], turn: float) -> Upright:
    x0, y0, x1, y1 = box
    if turn == 0:
        return (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, 1.0, 0.0
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    rows, columns = np.nonzero(mask)
    x, y = columns + 0.5, rows + 0.5
    along, down = cosine * x + sine * y, cosine * y - sine * x
    u, v = (float(along.min() + along.max()) / 2, float(down.min() + down.max()) / 2)
    width, height = float(np.ptp(along)) + 1, float(np.ptp(down)) + 1
    return cosine * u - sine * v, sine * u + cosine * v, width, height, cosine, sine
