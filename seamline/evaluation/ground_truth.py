"""What is known about the photos: points and boxes set by hand, silhouettes, street garments."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.image import square_box
from seamline.core.spec import Spec
from seamline.data import street
from seamline.data.label_file import Label
from seamline.data.landmark_labels import label_photo, photo_names
from seamline.evaluation.work import mapped
from seamline.systems.psnet.regions import region_boxes

Floats = NDArray[np.float32]

LEAST_TRUST = 0.7
"""How far points and silhouette of a photo must be believed for copies to be made of it."""

FIRST_STREET_PHOTO = 801
"""Street photos before this number train the networks."""


@dataclasses.dataclass(frozen=True)
class Annotated:
    """A photo with points set by hand: x, y, or None where a point does not exist or cannot be seen."""

    file: str
    box: tuple[float, float, float, float]
    points: Mapping[str, tuple[float, float] | None]

    @property
    def diagonal(self) -> float:
        """Of the box, in pixels."""
        return float(np.hypot(self.box[2] - self.box[0], self.box[3] - self.box[1]))


def annotated(photos: Path) -> list[Annotated]:
    """The photos of `landmarks.json`; none where there is no such file."""
    path = photos / "landmarks.json"
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [
        Annotated(
            entry["file"],
            tuple(entry["bbox"]),
            {name: point and (point[0], point[1]) for name, point in entry["points"].items()},
        )
        for entry in entries
    ]


def held_out(photos: Path, labels: Path, processes: int, least_trust: float = 0.5) -> list[Label]:
    """Labels of flat-lay validation photos with a trusted silhouette; segmentations are kept in `labels`."""
    names = [name for name in photo_names(photos) if "/validation/" in name]
    found = mapped("silhouettes", partial(label_photo, photos, labels), names, processes, _one_thread, ())
    return [label for label in found if label is not None and label.box_trust >= least_trust]


def _one_thread() -> None:
    cv2.setNumThreads(1)  # each process has a core of its own


def trusted(labels: Iterable[Label]) -> list[Label]:
    """The labels whose points and silhouette are good enough to make copies of."""
    return [label for label in labels if min(label.trust, label.box_trust) >= LEAST_TRUST]


def street_ground_truth(photos: Path) -> Iterator[tuple[Path, tuple[street.StreetGarment, ...]]]:
    """Street photos that no network was trained on, with their garments; photos with unclear garments are left out."""
    folder = photos / "street"
    if not folder.is_dir():
        return
    names = street.read_names(folder / "label_names.txt")
    for photo in street.street_photos(folder):
        if photo.number >= FIRST_STREET_PHOTO:
            pixels = np.asarray(Image.open(photo.labels), np.uint8)
            garments = street.garments(pixels, names)
            if garments and street.is_complete(pixels, names):
                yield photo.image, garments


def regions_of(
    box: Sequence[float], points: Mapping[str, Sequence[float] | None], category: str, spec: Spec
) -> tuple[Floats, Floats]:
    """Region boxes (5, 4) in the photo's pixels, and which there are (5,), of a garment whose points are known."""
    known = np.zeros((len(spec.landmarks), 3), np.float32)
    for name, point in points.items():
        if point is not None and name in spec.landmarks:
            known[spec.landmarks.index(name)] = point[0], point[1], 1.0
    return regions_of_points(box, known, category, spec)


def regions_of_points(box: Sequence[float], points: Floats, category: str, spec: Spec) -> tuple[Floats, Floats]:
    """The same from points (K, 3) = x, y in the photo's pixels and a confidence, in the order of `spec.landmarks`."""
    square = square_box(box, spec.crop.margin)
    scale = (square[2] - square[0]) / spec.crop.side
    landmarks = points.astype(np.float32)
    landmarks[:, :2] = (landmarks[:, :2] - square[:2]) / scale
    boxes, visible = region_boxes(landmarks, category, spec)
    return np.tile(square[:2], 2) + boxes * scale, visible
