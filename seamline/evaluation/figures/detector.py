"""How well garments are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.detections import intersection_over_union
from seamline.core.metrics import detection_average_precision, match_boxes
from seamline.core.spec import CATEGORIES
from seamline.data.street import StreetGarment, garments, is_complete, read_names
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.photos import ANNOTATED, HELD_OUT, STREET, ChosenPhotos
from seamline.evaluation.report import Cases, Figure, Measured

Floats = NDArray[np.float32]

FLAT_LAY_TITLE, STREET_TITLE = "detector on flat-lay photos", "detector on street photos"


def of_detector(photos: ChosenPhotos, detections: Mapping[str, DetectedPhotos], least: float) -> Iterator[Measured]:
    """The detector on flat-lay and street photos; `least`: the score from which a box is served."""
    for name, where, boxes in (
        ("annotated flat-lay", ANNOTATED, [item.box for item in photos.annotated]),
        ("held-out flat-lay, trusted silhouette", HELD_OUT, [label.box for label in photos.silhouettes]),
    ):
        if where in detections:
            yield from flat_lay(name, detections[where], boxes, least)
    if STREET in detections:
        yield from street(detections[STREET])


def flat_lay(name: str, photos: DetectedPhotos, boxes: Sequence[Sequence[float]], least: float) -> Iterator[Cases]:
    """Share of single-garment photos whose strongest box, if it scores `least`, overlaps the true one by half."""
    overlaps = _overlaps(photos, boxes, least)
    yield Cases(FLAT_LAY_TITLE, name, "strongest box has IoU >= .5", overlaps >= 0.5)
    yield Cases(FLAT_LAY_TITLE, name, "IoU", overlaps)


def street(photos: DetectedPhotos) -> list[Measured]:
    """Average precision on street photos, of detections however weak; photos with unclear garments do not count."""
    found = photos.garments
    known_garments = [street_ground_truth(file) for file in photos.files]
    rows = [photos.rows(photo) for photo, known in enumerate(known_garments) if known]
    there = [known for known in known_garments if known]
    boxes, scores = [found.boxes[one] for one in rows], [found.scores[one] for one in rows]
    truth = [np.array([garment.box for garment in known], np.float32) for known in there]
    any_garment = [_precision("any garment", f"AP{share}", boxes, scores, truth, share / 100) for share in (50, 75)]
    by_category = []
    for category in CATEGORIES:
        mine = [np.array([name == category for name in found.categories[one]], bool) for one in rows]
        true = [np.array([one.category == category for one in known], bool) for known in there]
        chosen = _only(boxes, mine), _only(scores, mine), _only(truth, true)
        by_category.append(_precision(category, "AP50", *chosen, 0.5))
    known = [figure.value for figure in by_category if figure.count]
    mean, total = float(np.mean(known)) if known else float("nan"), sum(figure.count for figure in by_category)
    return [*any_garment, Figure(STREET_TITLE, "mean of categories", "AP50", mean, total), *by_category]


def street_ground_truth(image: Path) -> tuple[StreetGarment, ...]:
    """The garments of `images/N.jpg` by `labels/N.png`; none where some are unclear, or nothing is labelled."""
    folder = image.parent.parent
    labels = folder / "labels" / f"{image.stem}.png"
    if not labels.is_file():
        return ()
    pixels, names = np.asarray(Image.open(labels), np.uint8), read_names(folder / "label_names.txt")
    return garments(pixels, names) if is_complete(pixels, names) else ()


def _only(arrays: list[Floats], flags: list[NDArray[np.bool_]]) -> list[Floats]:
    return [array[flag] for array, flag in zip(arrays, flags, strict=True)]


def _overlaps(photos: DetectedPhotos, boxes: Sequence[Sequence[float]], least: float) -> Floats:
    """IoU (P,) of each photo's strongest box with the true one, 0 where it is too weak or there is none."""
    found = photos.garments
    overlaps = np.zeros(len(boxes), np.float32)
    for photo, box in enumerate(boxes):
        rows = photos.rows(photo)
        if rows.start < rows.stop and found.scores[rows.start] >= least:
            overlaps[photo] = intersection_over_union(np.asarray(box, np.float32), found.boxes[rows][:1])[0]
    return overlaps


def _precision(
    name: str, metric: str, boxes: list[Floats], scores: list[Floats], truth: list[Floats], overlap: float
) -> Figure:
    hits = [match_boxes(found, true, overlap) for found, true in zip(boxes, truth, strict=True)]
    count = sum(len(true) for true in truth)
    flat_scores = np.concatenate(scores) if scores else np.zeros(0)
    flat_hits = np.concatenate(hits) if hits else np.zeros(0, bool)
    return Figure(STREET_TITLE, name, metric, detection_average_precision(flat_scores, flat_hits, count), count)
