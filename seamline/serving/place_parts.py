"""Where a garment's parts are in the photo, for a system whose network gives that in pixels of the crop, or not at
all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from seamline.core.box_corners import box_corners, boxes_around
from seamline.serving import bounds
from seamline.serving.step import Array, Setting, Tensors, required


class PlaceParts:
    """HEAD_EMBEDDING (m, P, D), SQUARES (m, 5), COUNT n, and in crop pixels perhaps CROP_PART_BOXES (m, P, 4),
    CROP_PART_VISIBLE (m, P) and CROP_LANDMARKS (m, K, 3) -> PART_BOXES (n, P, 4), PART_CORNERS (n, P, 4, 2),
    PART_VISIBLE (n, P), and LANDMARKS (n, K, 3) where there are such.

    Without boxes the parts have no place, which NaN says; without visibility a part is visible whose vector is not
    zero.
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "HEAD_EMBEDDING",
        "SQUARES",
        "COUNT",
        "CROP_PART_BOXES",
        "CROP_PART_VISIBLE",
        "CROP_LANDMARKS",
    )
    outputs: ClassVar[tuple[str, ...]] = ("PART_BOXES", "PART_CORNERS", "PART_VISIBLE", "LANDMARKS")

    def __init__(self, setting: Setting) -> None:
        self._spec, self._side = setting.spec, setting.spec.crop.side

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        rows = bounds.rows(tensors, "HEAD_EMBEDDING", self._spec.detector.max_garments)
        parts, points = len(self._spec.parts), len(self._spec.landmarks)
        bounds.vectors(tensors, "HEAD_EMBEDDING", (rows, parts, self._spec.parts.dimension))
        bounds.tensor(tensors, "SQUARES", (rows, 5))
        shapes = {"CROP_PART_BOXES": (rows, parts, 4), "CROP_PART_VISIBLE": (rows, parts)}
        for name, shape in {**shapes, "CROP_LANDMARKS": (rows, points, 3)}.items():
            if tensors.get(name) is not None:
                bounds.tensor(tensors, name, shape)
        return self.place(tensors, bounds.garments(tensors, rows))

    def place(self, tensors: Tensors, count: int) -> Mapping[str, Array]:
        """The same of the first `count` garments of any number, unchecked."""
        vectors, squares = required(tensors, "HEAD_EMBEDDING")[:count], required(tensors, "SQUARES")[:count]
        visible = tensors.get("CROP_PART_VISIBLE")
        visible = (vectors != 0).any(-1) if visible is None else visible[:count]
        corners = self._corners(tensors.get("CROP_PART_BOXES"), visible, squares)
        placed = {
            "PART_BOXES": boxes_around(corners),
            "PART_CORNERS": corners,
            "PART_VISIBLE": visible.astype(np.float32),
        }
        landmarks = tensors.get("CROP_LANDMARKS")
        if landmarks is None:
            return placed
        return {**placed, "LANDMARKS": points_in_photo(landmarks[:count], squares, self._side)}

    def _corners(self, boxes: Array | None, visible: Array, squares: Array) -> Array:
        if boxes is None:
            return np.full((*visible.shape, 4, 2), np.nan, np.float32)
        return corners_in_photo(boxes[: len(squares)], visible, squares, self._side)


def points_in_photo(points: Array, squares: Array, side: int) -> Array:
    """Points (n, K, 3) = x, y in pixels of a crop `side` wide and a confidence, in the photo that `squares` (n, 5) lie
    in: x0, y0, x1, y1 before it is turned about its centre, and radians clockwise by which it is turned."""
    placed = np.array(points, np.float32)
    placed[..., :2] = places_in_photo(points[..., :2], squares, side)
    return placed


def points_in_crop(points: Array, squares: Array, side: int) -> Array:
    """The inverse of `points_in_photo`."""
    placed, corner = np.array(points, np.float32), _corners(squares)[:, None]
    placed[..., :2] = _turned(points[..., :2] - corner, -squares[:, 4]) / _scale(squares, side)
    return placed


def corners_in_photo(boxes: Array, visible: Array, squares: Array, side: int) -> Array:
    """Corners (n, P, 4, 2) in the photo of boxes (n, P, 4) of the crop, as `seamline.core.box_corners` has them; zeros
    where a part is not visible (n, P)."""
    count, parts = boxes.shape[:2]
    placed = places_in_photo(box_corners(boxes).reshape(count, 4 * parts, 2), squares, side).reshape(count, parts, 4, 2)
    return np.where((visible > 0)[..., None, None], placed, np.float32(0)).astype(np.float32)


def places_in_photo(points: Array, squares: Array, side: int) -> Array:
    """Places (n, K, 2) of the crop in the photo."""
    return _corners(squares)[:, None] + _turned(points * _scale(squares, side), squares[:, 4])


def _corners(squares: Array) -> Array:
    """Where the crops' upper left corners (n, 2) lie in the photo."""
    half = (squares[:, 2:3] - squares[:, :1]) / 2, (squares[:, 3:4] - squares[:, 1:2]) / 2
    away = -np.concatenate(half, -1)
    turned = _turned(away[:, None], squares[:, 4])[:, 0]
    return np.where(squares[:, 4:] == 0, squares[:, :2], squares[:, :2] + turned - away)


def _turned(vectors: Array, turns: Array) -> Array:
    """Vectors (n, K, 2) turned clockwise by radians (n,)."""
    cosine, sine = (function(turns)[:, None].astype(np.float32) for function in (np.cos, np.sin))
    x, y = vectors[..., 0], vectors[..., 1]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], -1)


def _scale(squares: Array, side: int) -> Array:
    """Photo pixels per crop pixel (n, 1, 1)."""
    scale: Array = (squares[:, 2] - squares[:, 0])[:, None, None] / side
    return scale
