"""From a detector's raw outputs to garments."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CATEGORIES, DetectorSpec

Floats = NDArray[np.float32]

_VOTES = 0.5
"""IoU with a garment's box from which another box has a say in where it is."""

_SPREAD = 0.05
"""How fast a box's say falls with (1 - IoU) squared; chosen on street photos that the last trainings did not see."""

_NAMING = 5
"""Power of a box's IoU with the garment's by which it has a say in what the garment is; lower ones let what is worn
beside it name it. Chosen on street photos, with given boxes that are off by up to a tenth as well."""


@dataclasses.dataclass(frozen=True)
class ScoredBoxes:
    """n garments: boxes (n, 4), scores (n,) falling, category names, and the detector's `places` (n,) that they come
    from. `left_out`: whether there were more."""

    boxes: Floats
    scores: Floats
    categories: tuple[str, ...]
    places: NDArray[np.int64]
    left_out: bool = False

    def __len__(self) -> int:
        return len(self.boxes)


def intersection_over_union(box: Floats, boxes: Floats) -> Floats:
    """IoU (n,) of one box (4,) with boxes (n, 4)."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    union = (box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(-1) - shared
    return (shared / np.maximum(union, 1e-9)).astype(np.float32)


def suppress(boxes: Floats, scores: Floats, spec: DetectorSpec) -> ScoredBoxes:
    """Greedy suppression over all categories together; all boxes around a garment have a say in its box and category.

    boxes (N, 4) and scores (N, 13) are raw; one place is one garment, scored by its best category. Boxes thinner than
    `min_side` and scores below `score_threshold` are dropped, at most `max_garments` are kept.
    """
    best = scores.max(-1)
    sides = boxes[:, 2:] - boxes[:, :2]
    candidates = np.flatnonzero((best >= spec.score_threshold) & (sides.min(-1) >= spec.min_side))
    candidates = candidates[np.argsort(-best[candidates], kind="stable")]
    kept: list[int] = []
    while len(candidates) and len(kept) < spec.max_garments:
        first, candidates = candidates[0], candidates[1:]
        kept.append(int(first))
        candidates = candidates[intersection_over_union(boxes[first], boxes[candidates]) < spec.iou_threshold]
    voted = [vote(place, boxes, scores) for place in kept]
    places, more = np.array(kept, np.int64), len(candidates) > 0
    found = np.array([box for box, _ in voted], np.float32).reshape(-1, 4)
    return ScoredBoxes(found, best[places].astype(np.float32), tuple(name for _, name in voted), places, more)


def vote(place: int, boxes: Floats, scores: Floats) -> tuple[Floats, str]:
    """The box (4,) and category of the garment at a place, whose score is above 0, by all boxes (N, 4) and their scores
    (N, 13).

    The box is the mean of those near by, by score and overlap: box voting (Gidaris and Komodakis, ICCV 2015) with the
    weights that He et al. (CVPR 2019) give boxes of equal variance.
    """
    overlap = intersection_over_union(boxes[place], boxes)
    near = overlap >= _VOTES
    weight = scores[near].max(-1) * np.exp(-((1 - overlap[near]) ** 2) / _SPREAD)
    voted: Floats = weight @ boxes[near] / weight.sum()
    return voted, _named(overlap, scores)


def category_in(box: Floats, boxes: Floats, scores: Floats) -> str:
    """The category that the detector sees in a given box: scores (N, 13) weighted by overlap with boxes (N, 4)."""
    return _named(intersection_over_union(box, boxes), scores)


def _named(overlap: Floats, scores: Floats) -> str:
    return CATEGORIES[int((overlap**_NAMING @ scores).argmax())]


def place_of(box: Floats, boxes: Floats, scores: Floats) -> int:
    """The place whose box (N, 4) overlaps a given one best, of several the surest by its scores (N, 13)."""
    overlap = intersection_over_union(box, boxes)
    return int((overlap**2 * scores.max(-1)).argmax())
