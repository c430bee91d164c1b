"""How well landmarks and regions are placed on people, against points set by hand, with the garment's true box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Embeddings
from seamline.core.spec import Spec
from seamline.data.copies import COPY_PARTS
from seamline.data.copies.landmarks import landmark_array
from seamline.data.street_landmarks import ABSENT, HIDDEN, SEEN, WornGarment
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.report import Cases, Figure, Measured
from seamline.systems import system_named

Floats = NDArray[np.float32]

LANDMARKS_TITLE = "landmarks on people: distance / box diagonal, true box"
CONFIDENCE_TITLE = "landmarks on people: confidence"
REGIONS_TITLE = "region boxes on people: IoU, true box"
DOUBTED = 0.2
"""Confidence below which a point counts for nothing (`RegionSpec.min_confidence`)."""

_KINDS = ("neck", "shoulder", "armpit", "waist", "hem", "cuff")


def of_worn_landmarks(hand: Sequence[WornGarment], embeddings: Embeddings, spec: Spec) -> Iterator[Measured]:
    """Row i of the embeddings is the garment i in its true box."""
    if embeddings.landmarks is not None:
        yield from distances(hand, embeddings.landmarks, spec)
        yield from confidences(hand, embeddings.landmarks, spec)
    yield from regions(hand, embeddings, spec)


def distances(hand: Sequence[WornGarment], landmarks: Floats, spec: Spec) -> Iterator[Measured]:
    """Of the points that are seen, however confident the network is; landmarks (n, K, 3)."""
    rows = [
        (row, name, float(np.hypot(*(landmarks[row, spec.landmarks.index(name), :2] - point))) / _diagonal(one))
        for row, one in enumerate(hand)
        for name, point in one.seen().items()
        if name in spec.landmarks
    ]
    photo, value = np.array([row[0] for row in rows], np.int64), np.array([row[2] for row in rows], np.float64)
    kind = np.array([row[1].partition("_")[0] for row in rows], np.str_)
    yield Cases(LANDMARKS_TITLE, "mean of points", "distance", value, photo)
    yield Figure(LANDMARKS_TITLE, "median of points", "distance", _median(value), len(value))
    for name in _KINDS:
        yield Cases(LANDMARKS_TITLE, name, "distance", value[kind == name], photo[kind == name])


def confidences(hand: Sequence[WornGarment], landmarks: Floats, spec: Spec) -> Iterator[Measured]:
    """What is said of points that are seen, hidden, and not to be told; those that are not to be told should be
    doubted."""
    rows = [
        (row, seen, float(landmarks[row, spec.landmarks.index(name), 2]))
        for row, one in enumerate(hand)
        for name, seen in one.visible.items()
        if name in spec.landmarks
    ]
    photo, visible, value = (np.array([row[column] for row in rows]) for column in range(3))
    for level, name in ((SEEN, "seen"), (HIDDEN, "hidden, its place can be told"), (ABSENT, "cannot be told")):
        mine = visible == level
        yield Cases(CONFIDENCE_TITLE, name, "mean", value[mine], photo[mine])
        yield Cases(CONFIDENCE_TITLE, name, f"below {DOUBTED:g}", value[mine] < DOUBTED, photo[mine])


def regions(hand: Sequence[WornGarment], embeddings: Embeddings, spec: Spec) -> Iterator[Measured]:
    """IoU of the region boxes with those that the same rules give for the points set by hand, of regions all of whose
    points are known; one that is not shown counts as 0. Nothing for a system whose parts have no place."""
    true_part_boxes = system_named(spec.system).true_part_boxes
    if true_part_boxes is None:
        return
    rows: list[tuple[int, str, float]] = []
    for row, one in enumerate(hand):
        boxes, visible = true_part_boxes(np.asarray(one.box, np.float32), _points(one), one.category, spec)
        for name, part in zip(COPY_PARTS, places_of_copy_parts(spec), strict=True):
            if visible[part] >= 1.0:
                rows.append((row, name, _overlap(embeddings, row, part, boxes[part])))
    photo, value = np.array([row[0] for row in rows], np.int64), np.array([row[2] for row in rows], np.float64)
    names = np.array([row[1] for row in rows], np.str_)
    yield Cases(REGIONS_TITLE, "all regions", "IoU", value, photo)
    for name in COPY_PARTS:
        yield Cases(REGIONS_TITLE, name.replace("_", " "), "IoU", value[names == name], photo[names == name])


def _points(one: WornGarment) -> Floats:
    """(K, 3): a point that cannot be told stands in the middle of the others, GUESSED, where it widens nothing; the
    visibility of the regions that it belongs to is then below 1."""
    known = [point for point in one.points.values() if point is not None]
    middle = (float(np.mean([x for x, _ in known])), float(np.mean([y for _, y in known])))
    unknown = [name for name, point in one.points.items() if point is None]
    return landmark_array({**one.points, **dict.fromkeys(unknown, middle)}, unknown)


def _overlap(embeddings: Embeddings, row: int, part: int, box: Floats) -> float:
    if not embeddings.part_visible[row, part] > 0:
        return 0.0
    return float(intersection_over_union(embeddings.part_boxes[row, part], box[None])[0])


def _diagonal(one: WornGarment) -> float:
    return float(np.hypot(one.box[2] - one.box[0], one.box[3] - one.box[1]))


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else float("nan")
