"""crop: detections -> one square crop per garment."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from seamline.core.detections import ScoredBoxes, category_in, suppress
from seamline.core.errors import InvalidArgument
from seamline.core.image import Letterbox, Photo, check_box, crop_square
from seamline.core.photo_warnings import NO_GARMENT, PhotoWarning, from_json, to_json, too_many_garments
from seamline.core.spec import CATEGORIES
from seamline.serving import bounds, progress
from seamline.serving.step import Array, Setting, Tensors, as_bytes, required, text


class Crop:
    """Suppress the detector's boxes, or take BOX, and crop each garment.

    PHOTO, PHOTO_SIZE, PHOTO_WARNINGS, DETECTOR_BOXES (1, N, 4), DETECTOR_SCORES (1, N, 13), BOX ->
    COUNT n, BOXES (n, 4) in the photo's own pixels, DETECTION_SCORE (n,), CATEGORY (n,), WARNINGS, a list in JSON of
    what the caller should know, and for the next steps
    CROPS (m, side, side, 3), SQUARES (m, 4), CROP_CATEGORY (m,) with m = max(n, 1): a batching step takes no
    empty batch, so a photo without garments carries one blank crop that COUNT tells apart.

    Parameter: costly_above, the garments from which on a photo is large.
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "PHOTO",
        "PHOTO_SIZE",
        "DETECTOR_BOXES",
        "DETECTOR_SCORES",
        "BOX",
        "PHOTO_WARNINGS",
    )
    outputs: ClassVar[tuple[str, ...]] = (
        "COUNT",
        "BOXES",
        "DETECTION_SCORE",
        "CATEGORY",
        "WARNINGS",
        "CROPS",
        "SQUARES",
        "CROP_CATEGORY",
    )

    def __init__(self, setting: Setting) -> None:
        self._spec = setting.spec
        self._costly_above = setting.number("costly_above", setting.spec.detector.max_garments)

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        photo = bounds.photo(tensors, self._spec.photo.working_side)
        garments = self._garments(photo, tensors)
        count = len(garments)
        if count > self._costly_above:
            progress.claim(progress.Cost.LARGE_PHOTO)
        crops, squares = self._crops(photo, garments)
        return {
            "COUNT": np.array([count], np.int32),
            "BOXES": garments.boxes,
            "DETECTION_SCORE": garments.scores,
            "CATEGORY": as_bytes(garments.categories, (count,)),
            "WARNINGS": as_bytes((to_json(self._warnings(garments, tensors)),), (1,)),
            "CROPS": crops,
            "SQUARES": squares,
            "CROP_CATEGORY": as_bytes(garments.categories or (_NO_CATEGORY,), (max(count, 1),)),
        }

    def _garments(self, photo: Photo, tensors: Tensors) -> ScoredBoxes:
        places = self._places(tensors)
        boxes = self._in_photo(photo, bounds.tensor(tensors, "DETECTOR_BOXES", (1, places, 4))[0])
        scores = bounds.tensor(tensors, "DETECTOR_SCORES", (1, places, len(CATEGORIES)))[0]
        given = tensors["BOX"]
        if given is not None:
            box = check_box(given, photo.width, photo.height, self._spec.detector.min_side)
            return ScoredBoxes(box[None], np.ones(1, np.float32), (category_in(box, boxes, scores),))
        smallest = self._spec.detector.min_side * max(1.0, float(photo.scale.max()))
        return suppress(boxes, scores, dataclasses.replace(self._spec.detector, min_side=smallest))

    def _warnings(self, garments: ScoredBoxes, tensors: Tensors) -> list[PhotoWarning]:
        """Those of the photo's file, and what the detector could not answer."""
        told = list(from_json(text(tensors, "PHOTO_WARNINGS") or "[]"))
        if not len(garments):
            told.append(NO_GARMENT)
        return [*told, too_many_garments(len(garments))] if garments.left_out else told

    def _places(self, tensors: Tensors) -> int:
        """Places that the detector looks at, which are fewer than one for four pixels each way."""
        found = required(tensors, "DETECTOR_BOXES").shape[1:2]
        most = (self._spec.detector.side // 4) ** 2
        if not found or found[0] > most:
            raise InvalidArgument(f"DETECTOR_BOXES must hold at most {most} boxes")
        return int(found[0])

    def _in_photo(self, photo: Photo, boxes: Array) -> Array:
        height, width = photo.rgb.shape[:2]
        working = Letterbox.of(width, height, self._spec.detector.side).to_photo(boxes)
        return np.clip(working, 0, np.array([width, height] * 2, np.float32)) * photo.scale

    def _crops(self, photo: Photo, garments: ScoredBoxes) -> tuple[Array, Array]:
        crop, fill = self._spec.crop, self._spec.photo.fill
        crops = np.empty((max(len(garments), 1), crop.side, crop.side, 3), np.uint8)
        squares = np.zeros((len(crops), 4), np.float32)
        if not len(garments):
            crops[:] = fill
            squares[:] = (0, 0, crop.side, crop.side)
        for index, box in enumerate(garments.boxes / photo.scale):
            crops[index], square = crop_square(photo.rgb, box, crop.side, crop.margin, fill)
            squares[index] = square * photo.scale
        return crops, squares


_NO_CATEGORY = ""
