"""Figures of detection, as functions of boxes alone: overlap, average precision, precision and recall, false alarms."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import ScoredBoxes, intersection_over_union
from seamline.core.metrics import detection_average_precision, match_boxes

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class GroundTruth:
    """The garments of one photo: boxes float32 [n,4] in its pixels and category names."""

    boxes: Floats
    categories: tuple[str, ...]


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

    NaN where the photos show no such garment.
    """
    hits, scores, count = [], [], 0
    for photo in photos:
        truth = photo.ground_truth.boxes[[category in (None, name) for name in photo.ground_truth.categories]]
        mine = np.array([category in (None, name) for name in photo.found.categories], bool)
        hits.append(match_boxes(photo.found.boxes[mine], truth, overlap))
        scores.append(photo.found.scores[mine])
        count += len(truth)
    return detection_average_precision(np.concatenate(scores), np.concatenate(hits), count)


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
