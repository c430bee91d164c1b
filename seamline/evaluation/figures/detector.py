"""How well garments are found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Detections
from seamline.core.metrics import photos_average_precision
from seamline.core.spec import CATEGORIES
from seamline.data.street import StreetGarment, categories_of, garments, is_complete, read_names
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.figures.confusion import Shown, confusion
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
        yield from street(detections[STREET], least)


def flat_lay(name: str, photos: DetectedPhotos, boxes: Sequence[Sequence[float]], least: float) -> Iterator[Cases]:
    """Share of single-garment photos whose strongest box, if it scores `least`, overlaps the true one by half."""
    overlaps = _overlaps(photos, boxes, least)
    yield Cases(FLAT_LAY_TITLE, name, "strongest box has IoU >= .5", overlaps >= 0.5)
    yield Cases(FLAT_LAY_TITLE, name, "IoU", overlaps)


def street(photos: DetectedPhotos, least: float) -> list[Measured]:
    """Average precision on street photos, of detections however weak, and what those that score `least` are taken for;
    photos with unclear garments do not count. A category's is that of garments whose photo tells it; with those that
    `seamline.data.street` guesses there is the mean alone."""
    found = photos.garments
    known = [street_ground_truth(file) for file in photos.files]
    shown = [(photos.rows(photo), garments) for photo, garments in enumerate(known) if garments]
    any_garment = [_precision("any garment", f"AP{share}", found, shown, share / 100) for share in (50, 75)]
    by_category = _by_category(found, shown)
    guessed = _by_category(found, [(rows, tuple(map(_as_guessed, garments))) for rows, garments in shown])
    means = _mean("mean of categories", by_category), _mean("mean of categories, guessed ones too", guessed)
    return [*any_garment, *means, *by_category, *confusion(found, shown, least)]


def street_ground_truth(image: Path) -> tuple[StreetGarment, ...]:
    """The garments of `images/N.jpg` by `labels/N.png`; none where some are unclear, or nothing is labelled."""
    folder = image.parent.parent
    labels = folder / "labels" / f"{image.stem}.png"
    if not labels.is_file():
        return ()
    pixels, names = np.asarray(Image.open(labels), np.uint8), read_names(folder / "label_names.txt")
    return garments(pixels, names) if is_complete(pixels, names) else ()


def _by_category(found: Detections, shown: Sequence[Shown]) -> list[Figure]:
    return [_precision(category, "AP50", found, shown, 0.5, category) for category in CATEGORIES]


def _mean(name: str, figures: Sequence[Figure]) -> Figure:
    """Of those that have cases."""
    values = [figure.value for figure in figures if figure.count]
    mean = float(np.mean(values)) if values else float("nan")
    return Figure(STREET_TITLE, name, "AP50", mean, sum(figure.count for figure in figures))


def _as_guessed(garment: StreetGarment) -> StreetGarment:
    return dataclasses.replace(garment, coarse="")


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
    name: str,
    metric: str,
    found: Detections,
    shown: Sequence[Shown],
    overlap: float,
    category: str | None = None,
) -> Figure:
    """Of one category, or of garments whatever they are."""
    photos = []
    for rows, known in shown:
        mine = np.array([category in (None, own) for own in found.categories[rows]], bool)
        truth = [garment.box for garment in known if category in (None, garment.label)]
        others = [garment.box for garment in known if garment.coarse and category in categories_of(garment.coarse)]
        photos.append((found.boxes[rows][mine], found.scores[rows][mine], truth, others))
    return Figure(STREET_TITLE, name, metric, *photos_average_precision(photos, overlap))
