"""What a network detects by the path that serving takes, and figures of it as functions of boxes alone: overlap,
average precision, precision and recall, false alarms.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import ScoredBoxes, intersection_over_union, suppress
from seamline.core.image import Pixels, decode, letterbox
from seamline.core.metrics import match_boxes, photos_average_precision
from seamline.core.spec import CATEGORIES, DetectorSpec, PhotoSpec
from seamline.data.street import categories_of
from seamline.training.detector.photos import LABELS, LabelledPhoto
from seamline.training.detector.scenes import Scene, Scenes, network_input

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class GroundTruth:
    """The garments of one photo: boxes float32 [n,4] in its pixels and their labels, of `photos.LABELS`."""

    boxes: Floats
    labels: tuple[str, ...]

    def of(self, category: str | None) -> Floats:
        """The boxes of a category, or of all garments."""
        return self.boxes[[category in (None, label) for label in self.labels]]

    def perhaps_of(self, category: str | None) -> Floats:
        """The boxes of garments that may be of a category, but whose photo does not tell."""
        others = [label != category and category in categories_of(label) for label in self.labels]
        return self.boxes[others]


@dataclasses.dataclass(frozen=True)
class PhotoDetections:
    """One photo: what is there and what was detected, strongest first, with nothing weaker than 0.02 left out."""

    ground_truth: GroundTruth
    found: ScoredBoxes


def best_overlaps(photos: Sequence[PhotoDetections]) -> Floats:
    """For photos of one garment: IoU of the strongest box with the true one, 0 where nothing was seen."""
    return np.array(
        [
            intersection_over_union(photo.ground_truth.boxes[0], photo.found.boxes[:1])[0] if len(photo.found) else 0.0
            for photo in photos
        ],
        np.float32,
    )


def average_precision(photos: Sequence[PhotoDetections], overlap: float, category: str | None = None) -> float:
    """Area under precision over recall, boxes matched at this IoU; of one category, or of garments whatever they are.

    Garments whose photo does not tell their category count in the latter alone. NaN where the photos show no such
    garment.
    """
    matched = []
    for photo in photos:
        mine = np.array([category in (None, name) for name in photo.found.categories], bool)
        truth, others = photo.ground_truth.of(category), photo.ground_truth.perhaps_of(category)
        matched.append((photo.found.boxes[mine], photo.found.scores[mine], truth, others))
    return photos_average_precision(matched, overlap)[0]


def mean_average_precision(photos: Sequence[PhotoDetections], overlap: float = 0.5) -> float:
    """Mean over the categories that the photos show."""
    found = [average_precision(photos, overlap, category) for category in CATEGORIES]
    return float(np.nanmean(found))


def at_threshold(photos: Sequence[PhotoDetections], threshold: float, overlap: float = 0.5) -> tuple[float, float]:
    """Precision and recall of the boxes with at least this score."""
    right = boxes = truths = 0
    for photo in photos:
        strong = photo.found.boxes[photo.found.scores >= threshold]
        right += int(match_boxes(strong, photo.ground_truth.boxes, overlap).sum())
        boxes, truths = boxes + len(strong), truths + len(photo.ground_truth.boxes)
    return right / max(1, boxes), right / max(1, truths)


def false_alarms(photos: Sequence[PhotoDetections], threshold: float) -> float:
    """Share of photos without garments in which a box has at least this score."""
    return float(np.mean([bool((photo.found.scores >= threshold).any()) for photo in photos]))


Network = Callable[[Pixels], tuple[Floats, Floats, Floats]]
"""uint8 [1,side,side,3] -> boxes [1,cells,4], scores [1,cells,13] and directions [1,cells,2]."""

EVERYTHING = DetectorSpec(score_threshold=0.02, max_garments=100)
"""Keeps weak boxes too, as precision and recall over all thresholds need."""


def detect(network: Network, rgb: Pixels, spec: DetectorSpec = EVERYTHING) -> ScoredBoxes:
    """What the network detects in a photo HxWx3, in the photo's pixels."""
    square, fit = letterbox(rgb, spec.side, PhotoSpec().fill)
    boxes, scores, _ = network(square[None])
    found = suppress(boxes[0], scores[0], spec)
    return dataclasses.replace(found, boxes=fit.to_photo(found.boxes))


def detect_in_photos(network: Network, photos: Iterable[LabelledPhoto]) -> list[PhotoDetections]:
    """Detect in photo files. Boxes of garments and detections are both in the photo's own pixels."""
    results = []
    for labelled in photos:
        photo = decode(Path(labelled.path).read_bytes(), PhotoSpec().working_side)
        found = detect(network, photo.rgb)
        boxes = np.array([garment.box for garment in labelled.garments], np.float32).reshape(-1, 4)
        truth = GroundTruth(boxes, tuple(LABELS[garment.label] for garment in labelled.garments))
        results.append(PhotoDetections(truth, dataclasses.replace(found, boxes=found.boxes * photo.scale)))
    return results


def detect_in_scenes(network: Network, scenes: Scenes, count: int, seed: int) -> list[PhotoDetections]:
    """Detect in made-up scenes, drawn from a seed."""
    results = []
    for index in range(count):
        scene = scenes.draw(np.random.default_rng((seed, index)))
        truth = GroundTruth(scene.boxes, tuple(LABELS[label] for label in scene.labels))
        results.append(PhotoDetections(truth, detect(network, scene.rgb)))
    return results


def turn_errors(network: Network, scenes: Scenes, count: int, seed: int) -> Floats:
    """Degrees between the true turn and that of the strongest box, for each of `count` made-up scenes that shows one
    garment; 180 where no box has an IoU of at least 0.5 with it."""
    errors = []
    for index in range(count):
        scene = network_input(scenes.draw(np.random.default_rng((seed, index))), EVERYTHING.side, PhotoSpec().fill)
        if len(scene.boxes) == 1:
            boxes, scores, directions = network(scene.rgb[None])
            errors.append(_turn_error(suppress(boxes[0], scores[0], EVERYTHING), directions[0], scene))
    return np.array(errors, np.float32)


def _turn_error(found: ScoredBoxes, directions: Floats, scene: Scene) -> float:
    if not len(found) or intersection_over_union(scene.boxes[0], found.boxes[:1])[0] < 0.5:
        return 180.0
    cosine, sine = directions[found.places[0]]
    true_cosine, true_sine = scene.turns[0]
    turned = np.arctan2(sine, cosine) - np.arctan2(true_sine, true_cosine)
    return float(abs(np.degrees(np.angle(np.exp(1j * turned)))))
