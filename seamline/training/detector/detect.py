"""What a network detects in photo files and in made-up scenes, by the path that serving takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from seamline.core.detections import ScoredBoxes, suppress
from seamline.core.image import Pixels, decode, letterbox
from seamline.core.spec import CATEGORIES, DetectorSpec, PhotoSpec
from seamline.training.detector.figures import Floats, GroundTruth, PhotoDetections
from seamline.training.detector.photos import LabelledPhoto
from seamline.training.detector.scenes import Scenes

Network = Callable[[Pixels], tuple[Floats, Floats]]
"""uint8 [1,256,256,3] -> boxes [1,1344,4] and scores [1,1344,13]."""

EVERYTHING = DetectorSpec(score_threshold=0.02, max_garments=100)
"""Keeps weak boxes too, as precision and recall over all thresholds need."""


def detect(network: Network, rgb: Pixels, spec: DetectorSpec = EVERYTHING) -> ScoredBoxes:
    """What the network detects in a photo HxWx3, in the photo's pixels."""
    square, fit = letterbox(rgb, spec.side, PhotoSpec().fill)
    boxes, scores = network(square[None])
    found = suppress(boxes[0], scores[0], spec)
    return dataclasses.replace(found, boxes=fit.to_photo(found.boxes))


def detect_in_photos(network: Network, photos: Iterable[LabelledPhoto]) -> list[PhotoDetections]:
    """Detect in photo files. Boxes of garments and detections are both in the photo's own pixels."""
    results = []
    for labelled in photos:
        photo = decode(Path(labelled.path).read_bytes(), PhotoSpec().working_side)
        found = detect(network, photo.rgb)
        boxes = np.array([garment.box for garment in labelled.garments], np.float32).reshape(-1, 4)
        truth = GroundTruth(boxes, tuple(CATEGORIES[garment.label] for garment in labelled.garments))
        results.append(PhotoDetections(truth, dataclasses.replace(found, boxes=found.boxes * photo.scale)))
    return results


def detect_in_scenes(network: Network, scenes: Scenes, count: int, seed: int) -> list[PhotoDetections]:
    """Detect in made-up scenes, drawn from a seed."""
    results = []
    for index in range(count):
        scene = scenes.draw(np.random.default_rng((seed, index)))
        truth = GroundTruth(scene.boxes, tuple(CATEGORIES[label] for label in scene.labels))
        results.append(PhotoDetections(truth, detect(network, scene.rgb)))
    return results
