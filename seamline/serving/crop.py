"""crop: detections -> one square crop per garment."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from seamline.core.detections import ScoredBoxes, category_in, place_of, suppress
from seamline.core.errors import InvalidArgument
from seamline.core.image import Letterbox, Photo, check_box, crop_square
from seamline.core.photo_warnings import NO_GARMENT, PhotoWarning, from_json, to_json, too_many_garments
from seamline.core.spec import CATEGORIES
from seamline.core.upright import UprightBoxes
from seamline.serving import bounds, progress
from seamline.serving.redetection import Redetection
from seamline.serving.step import Array, Setting, Tensors, as_bytes, required, text


class Crop:
    """Suppress the detector's boxes, or take BOX, and crop each garment, turned upright; those that do not lie upright
    are detected again.

    PHOTO, PHOTO_SIZE, PHOTO_WARNINGS, DETECTOR_BOXES (1, N, 4), DETECTOR_SCORES (1, N, 13),
    DETECTOR_DIRECTIONS (1, N, 2), BOX ->
    COUNT n, BOXES (n, 4) in the photo's own pixels, DETECTION_SCORE (n,), CATEGORY (n,), WARNINGS, a list in JSON of
    what the caller should know, and for the next steps
    CROPS (m, side, side, 3), SQUARES (m, 5), CROP_CATEGORY (m,) with m = max(n, 1): a batching step takes no
    empty batch, so a photo without garments carries one blank crop that COUNT tells apart. SQUARES: x0, y0, x1, y1 in
    the photo's own pixels before the square is turned about its centre, and radians clockwise by which it is turned.

    Parameter: costly_above, the garments from which on a photo is large.
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "PHOTO",
        "PHOTO_SIZE",
        "DETECTOR_BOXES",
        "DETECTOR_SCORES",
        "DETECTOR_DIRECTIONS",
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
        self._redetection = Redetection(setting.spec, setting.run_network)

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        photo = bounds.photo(tensors, self._spec.photo.working_side)
        garments, upright = self._garments(photo, tensors)
        count = len(garments)
        if count > self._costly_above:
            progress.claim(progress.Cost.LARGE_PHOTO)
        crops, squares = self._crops(photo, upright)
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

    def _garments(self, photo: Photo, tensors: Tensors) -> tuple[ScoredBoxes, UprightBoxes]:
        """In the photo's own pixels, and upright in those of its working copy."""
        places = self._places(tensors)
        boxes = self._in_photo(photo, bounds.tensor(tensors, "DETECTOR_BOXES", (1, places, 4))[0])
        scores = bounds.tensor(tensors, "DETECTOR_SCORES", (1, places, len(CATEGORIES)))[0]
        directions = bounds.tensor(tensors, "DETECTOR_DIRECTIONS", (1, places, 2))[0]
        found = self._given(photo, tensors, boxes, scores) or self._found(photo, boxes, scores)
        own, working = boxes[found.places] / photo.scale, found.boxes / photo.scale
        rows = working, own, directions[found.places]
        upright, categories = self._redetection.confirmed(photo.rgb, *rows, found.categories)
        return dataclasses.replace(found, categories=categories), upright

    def _given(self, photo: Photo, tensors: Tensors, boxes: Array, scores: Array) -> ScoredBoxes | None:
        given = tensors["BOX"]
        if given is None:
            return None
        box = check_box(given, photo.width, photo.height, self._spec.detector.min_side)
        place = np.array([place_of(box, boxes, scores)])
        return ScoredBoxes(box[None], np.ones(1, np.float32), (category_in(box, boxes, scores),), place)

    def _found(self, photo: Photo, boxes: Array, scores: Array) -> ScoredBoxes:
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

    def _crops(self, photo: Photo, garments: UprightBoxes) -> tuple[Array, Array]:
        crop, fill = self._spec.crop, self._spec.photo.fill
        crops = np.empty((max(len(garments), 1), crop.side, crop.side, 3), np.uint8)
        squares = np.zeros((len(crops), 5), np.float32)
        if not len(garments):
            crops[:] = fill
            squares[:, 2:4] = crop.side
        for index, (box, turn) in enumerate(zip(garments.boxes, garments.turns, strict=True)):
            crops[index], square = crop_square(photo.rgb, box, crop.side, crop.margin, fill, float(turn))
            squares[index] = square * np.append(photo.scale, np.float32(1))
        return crops, squares


_NO_CATEGORY = ""
