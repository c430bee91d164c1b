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
class Truth:
    """The garments of one photo: boxes float32 [n,4] in its pixels and category names."""

    boxes: Floats
    categories: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Seen:
    """One photo: what is there and what was detected, strongest first, with nothing weaker than 0.02 left out."""

    truth: Truth
    found: ScoredBoxes


def best_overlaps(seen: Sequence[Seen]) -> Floats:
    """For photos of one garment: IoU of the strongest box with the true one, 0 where nothing was seen."""
    return np.array(
        [
            intersection_over_union(one.truth.boxes[0], one.found.boxes[:1])[0] if len(one.found) else 0.0
            for one in seen
        ],
        np.float32,
    )


def average_precision(seen: Sequence[Seen], overlap: float, category: str | None = None) -> float:
    """Area under precision over recall, boxes matched at this IoU; of one category, or of garments whatever they are.

    NaN where the photos show no such garment.
    """
    hits, scores, count = [], [], 0
    for one in seen:
        truth = one.truth.boxes[[category in (None, name) for name in one.truth.categories]]
        mine = np.array([category in (None, name) for name in one.found.categories], bool)
        hits.append(match_boxes(one.found.boxes[mine], truth, overlap))
        scores.append(one.found.scores[mine])
        count += len(truth)
    return detection_average_precision(np.concatenate(scores), np.concatenate(hits), count)


def at_threshold(seen: Sequence[Seen], threshold: float, overlap: float = 0.5) -> tuple[float, float]:
    """Precision and recall of the boxes with at least this score."""
    right = boxes = truths = 0
    for one in seen:
        strong = one.found.boxes[one.found.scores >= threshold]
        right += int(match_boxes(strong, one.truth.boxes, overlap).sum())
        boxes, truths = boxes + len(strong), truths + len(one.truth.boxes)
    return right / max(1, boxes), right / max(1, truths)


def false_alarms(seen: Sequence[Seen], threshold: float) -> float:
    """Share of photos without garments in which a box has at least this score."""
    return float(np.mean([bool((one.found.scores >= threshold).any()) for one in seen]))
