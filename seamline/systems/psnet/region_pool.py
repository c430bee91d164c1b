"""region_pool: landmarks -> five boxes -> pooled features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from seamline.core.box_corners import boxes_around
from seamline.serving import bounds
from seamline.serving.given_landmarks import GIVEN_LANDMARKS, given_landmarks
from seamline.serving.place_parts import corners_in_photo, points_in_crop, points_in_photo
from seamline.serving.step import Array, Setting, Tensors, texts
from seamline.systems.psnet.regions import region_boxes, roi_align
from seamline.systems.psnet.spec import REGIONS, PSNetSpec


def head_inputs(pooled: Mapping[str, Array]) -> dict[str, Array]:
    """What the region head takes of the step's outputs, as the ensembles name it."""
    return {"REGION_FEATURES": pooled["REGION_FEATURES"], "REGION_VISIBLE": pooled["REGION_PRESENT"]}


class RegionPool:
    """Pool the encoder's map in the five regions, and bring landmarks and regions into the photo's pixels.

    FEATURES (m, C, H, W), CROP_LANDMARKS (m, K, 3), SQUARES (m, 5), CROP_CATEGORY (m,), COUNT n, and perhaps the
    caller's GIVEN_LANDMARKS (n, K, 3) in the photo's pixels, which count in the place of the encoder's ->
    REGION_FEATURES (m, 5, C, s, s), REGION_PRESENT (m, 5) for the head, and
    LANDMARKS (n, K, 3), PART_BOXES (n, P, 4), PART_CORNERS (n, P, 4, 2), PART_VISIBLE (n, P) for the caller. Parts
    after the five regions are always there and have no place, which zeros say: perf_analyzer cannot write what is not a
    number.
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "FEATURES",
        "CROP_LANDMARKS",
        "SQUARES",
        "CROP_CATEGORY",
        "COUNT",
        GIVEN_LANDMARKS,
    )
    outputs: ClassVar[tuple[str, ...]] = (
        "REGION_FEATURES",
        "REGION_PRESENT",
        "LANDMARKS",
        "PART_BOXES",
        "PART_CORNERS",
        "PART_VISIBLE",
    )

    def __init__(self, setting: Setting) -> None:
        self._spec = PSNetSpec.of(setting.spec)

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        rows, encoder = bounds.rows(tensors, "FEATURES", self._spec.detector.max_garments), self._spec.encoder
        features = bounds.tensor(tensors, "FEATURES", (rows, encoder.channels, encoder.map_side, encoder.map_side))
        landmarks = bounds.tensor(tensors, "CROP_LANDMARKS", (rows, len(self._spec.landmarks), 3))
        squares = bounds.tensor(tensors, "SQUARES", (rows, 5))
        bounds.tensor(tensors, "CROP_CATEGORY", (rows,))
        count = bounds.garments(tensors, rows)
        given = given_landmarks(tensors, count, squares, self._spec.landmarks)
        if given is not None:
            landmarks = points_in_crop(given, squares, self._spec.crop.side)
        found = self._pooled(features, landmarks, squares, texts(tensors, "CROP_CATEGORY", rows), count)
        return found if given is None else {**found, "LANDMARKS": given}

    def pool(self, seen: Mapping[str, Array], squares: Array, categories: Sequence[str]) -> Mapping[str, Array]:
        """The same for any number of crops that are all garments; `seen` holds the encoder's FEATURES and
        CROP_LANDMARKS."""
        return self._pooled(seen["FEATURES"], seen["CROP_LANDMARKS"], squares, categories, len(squares))

    def _pooled(
        self, features: Array, landmarks: Array, squares: Array, categories: Sequence[str], count: int
    ) -> Mapping[str, Array]:
        side = self._spec.crop.side
        found = [region_boxes(points, name, self._spec) for points, name in zip(landmarks, categories, strict=True)]
        boxes, visible = np.stack([box for box, _ in found]), np.stack([seen for _, seen in found])
        corners = self._of_parts(corners_in_photo(boxes, visible, squares, side)[:count], 0.0)
        return {
            "REGION_FEATURES": self._pool(features, boxes, visible),
            "REGION_PRESENT": visible,
            "LANDMARKS": points_in_photo(landmarks, squares, side)[:count],
            "PART_BOXES": boxes_around(corners),
            "PART_CORNERS": corners,
            "PART_VISIBLE": self._of_parts(visible[:count], 1.0),
        }

    def _of_parts(self, regions: Array, otherwise: float) -> Array:
        """What is known of the regions (n, 5, ...), and `otherwise` for the parts after them: (n, P, ...)."""
        found = np.full((len(regions), len(self._spec.parts), *regions.shape[2:]), otherwise, np.float32)
        found[:, : len(REGIONS)] = regions
        return found

    def _pool(self, features: Array, boxes: Array, visible: Array) -> Array:
        size = self._spec.encoder.pool_size
        cell = self._spec.crop.side / features.shape[-1]
        pooled = np.zeros((len(features), len(REGIONS), features.shape[1], size, size), np.float32)
        for index, present in enumerate(visible > 0):
            if present.any():
                pooled[index, present] = roi_align(features[index], boxes[index][present], size, cell)
        return pooled
