"""Where the points of one picture lie in another: a homography, and cloth that lies differently.

Positions are continuous pixel coordinates: pixel i spans [i, i + 1).
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats

Doubles = NDArray[np.float64]

Picture = TypeVar("Picture", Pixels, Floats)

_STEP = 8
"""The maps are computed for every eighth pixel and interpolated."""

FIELD_SIDE = 64
"""Side of the grid of displacements: fine enough that it can be interpolated linearly."""

_ROUNDS = 8
"""Rounds of the fixed-point iteration that inverts the displacement."""


@dataclasses.dataclass(frozen=True)
class Warp:
    """From a source picture to a picture of `size` (width, height).

    A position p of the picture shows the source at u + d(u), u = matrix^-1 p. `matrix` (3, 3) is a homography;
    `field` (rows, columns, 2) holds the displacement d in source pixels on a grid stretched over the source, whose
    size is `source` (width, height).
    """

    matrix: Doubles
    field: Floats
    source: tuple[int, int]
    size: tuple[int, int]

    def positions(self, points: Floats) -> Floats:
        """Where points (N, 2) of the source lie in the picture (N, 2)."""
        undisplaced = points
        for _ in range(_ROUNDS):
            undisplaced = points - self._displacement(undisplaced)
        return projected(self.matrix, undisplaced)

    def maps(self) -> Floats:
        """(height, width, 2): for each pixel's centre, where it comes from, counted from pixel centres as OpenCV."""
        width, height = self.size
        columns, rows = -(-width // _STEP) + 2, -(-height // _STEP) + 2
        x = (np.arange(columns, dtype=np.float32) - 0.5) * _STEP
        y = (np.arange(rows, dtype=np.float32) - 0.5) * _STEP
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
        flat = projected(np.linalg.inv(self.matrix), grid)
        coarse = (flat + self._displacement(flat) - 0.5).reshape(rows, columns, 2)
        fine = cv2.resize(coarse, (columns * _STEP, rows * _STEP), interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(fine[_STEP : _STEP + height, _STEP : _STEP + width], np.float32)

    def _displacement(self, points: Floats) -> Floats:
        rows, columns = self.field.shape[:2]
        scale = np.array([columns / self.source[0], rows / self.source[1]], np.float32)
        places = (points * scale - 0.5).astype(np.float32)[None]
        return remapped(self.field, places, cv2.BORDER_REPLICATE)[0]


def projected(matrix: Doubles, points: Floats) -> Floats:
    """Points (N, 2) under a homography (3, 3)."""
    lifted = points @ matrix[:, :2].T + matrix[:, 2]
    return (lifted[:, :2] / lifted[:, 2:]).astype(np.float32)


def remapped(picture: Picture, maps: Floats, border: int) -> Picture:
    """The picture as the maps show it; beyond its edges by the OpenCV `border` mode."""
    nothing = np.empty(0, np.float32)
    return cast("Picture", cv2.remap(picture, maps, nothing, cv2.INTER_LINEAR, borderMode=border))


def random_displacement(amount: float, random: np.random.Generator) -> Floats:
    """Displacements of cloth laid down again, (N, N, 2), at most about `amount` pixels, smooth over a source."""
    coarse = random.uniform(-1, 1, (5, 5, 2)).astype(np.float32) * amount
    return cast("Floats", cv2.resize(coarse, (FIELD_SIDE, FIELD_SIDE), interpolation=cv2.INTER_CUBIC))
