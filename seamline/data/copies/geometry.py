"""Where things of one picture lie in another: the view of a camera, and cloth that lies differently.

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

_FIELD = 64
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
        return pulled(self.field, places, cv2.BORDER_REPLICATE)[0]


def projected(matrix: Doubles, points: Floats) -> Floats:
    """Points (N, 2) under a homography (3, 3)."""
    lifted = points @ matrix[:, :2].T + matrix[:, 2]
    return (lifted[:, :2] / lifted[:, 2:]).astype(np.float32)


def pulled(picture: Picture, maps: Floats, border: int) -> Picture:
    """The picture as the maps show it; beyond its edges by the OpenCV `border` mode."""
    nothing = np.empty(0, np.float32)
    return cast("Picture", cv2.remap(picture, maps, nothing, cv2.INTER_LINEAR, borderMode=border))


def bent(amount: float, random: np.random.Generator) -> Floats:
    """Displacements of cloth laid down again, (N, N, 2), at most about `amount` pixels, smooth over a source."""
    coarse = random.uniform(-1, 1, (5, 5, 2)).astype(np.float32) * amount
    return cast("Floats", cv2.resize(coarse, (_FIELD, _FIELD), interpolation=cv2.INTER_CUBIC))


@dataclasses.dataclass(frozen=True)
class Framing:
    """How a camera frames a garment.

    `fill`: share of the frame that the garment's box takes along its fuller side; `shift`: where it lies in the room
    that is left, -1 to 1 for x and y; `push`: how far it is moved beyond, in shares of its own sides; `turn` in
    degrees; `tilt` (4, 2): how far the frame's corners move, in shares of its sides.
    """

    fill: float
    shift: tuple[float, float]
    push: tuple[float, float]
    turn: float
    tilt: Doubles


def frame_corners(box: tuple[float, float, float, float], aspect: float, framing: Framing) -> Doubles:
    """Corners (4, 2) of what the camera sees, in the source: top left, top right, bottom right, bottom left.

    `box`: the garment's x0, y0, x1, y1; `aspect`: width over height of the picture.
    """
    radians = np.deg2rad(framing.turn)
    cosine, sine = np.cos(radians), np.sin(radians)
    width, height = box[2] - box[0], box[3] - box[1]
    garment = np.array([width * cosine + height * abs(sine), height * cosine + width * abs(sine)])
    wide = max(garment[0], garment[1] * aspect) / framing.fill
    sides = np.array([wide, wide / aspect])
    offset = np.array(framing.shift) * np.maximum(sides - garment, 0) / 2
    offset = np.where(framing.push, np.sign(framing.push) * abs(sides - garment) / 2, offset)
    offset += np.array(framing.push) * garment
    unit = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + framing.tilt
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    return cast("Doubles", centre + (unit * sides - offset) @ turn.T)


def held_within(corners: Doubles, low: Doubles, high: Doubles) -> Doubles:
    """The frame moved, and where that is not enough made smaller, so that it lies between two corners (2,)."""
    spread = np.ptp(corners, axis=0)
    scale = float(min(1.0, *((high - low) / spread)))
    centre = corners.mean(axis=0)
    corners = centre + (corners - centre) * scale
    corners = corners + np.maximum(low - corners.min(axis=0), 0)
    return cast("Doubles", corners - np.maximum(corners.max(axis=0) - high, 0))


def matrix_of(corners: Doubles, size: tuple[int, int], mirror: bool) -> Doubles:
    """The homography (3, 3) that shows a frame's corners in the corners of a picture of `size` (width, height)."""
    width, height = size
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if mirror:
        target[:, 0] = width - target[:, 0]
    return cast("Doubles", cv2.getPerspectiveTransform(corners.astype(np.float32), target))
