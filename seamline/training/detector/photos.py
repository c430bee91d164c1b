"""Which photos the detector learns from and is measured on, and where their garments are."""

from __future__ import annotations

import dataclasses
import functools
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.spec import CATEGORIES
from seamline.data import street
from seamline.data.label_file import Label, read_labels
from seamline.data.pixel_labels import read_pixel_labels

Box = tuple[float, float, float, float]


LABELS = (*CATEGORIES, *street.COARSE)
"""What a garment may be labelled: a category, or a coarse one where its photo does not tell which."""


@dataclasses.dataclass(frozen=True)
class Garment:
    """The index of one of LABELS, and a box; `mask`: a PNG of the photo's size where the garment's pixels have this
    value."""

    label: int
    box: Box
    mask: str | None = None
    value: int = 255


@dataclasses.dataclass(frozen=True)
class LabelledPhoto:
    """A photo file, its garments, and where the labels come from: silhouette, drawn or street. `people`: a PNG of the
    photo's size whose pixels are above 0 where it shows a person."""

    path: str
    source: str
    garments: tuple[Garment, ...]
    people: str | None = None


@functools.cache
def possible_categories() -> NDArray[np.bool_]:
    """Of which categories a garment may be, for each of LABELS: (labels, 13)."""
    return np.array([[category in street.categories_of(label) for category in CATEGORIES] for label in LABELS])


TRAINED_STREET = range(1, 741)
"""Numbers of the street photos that are learnt from."""

DEVELOPED_STREET = range(741, street.TRAINING_PHOTOS + 1)
"""Of those that checkpoints and settings are chosen on; the others measure what was chosen."""


def street_labels(photos: Path, numbers: range) -> list[LabelledPhoto]:
    """The street photos of these numbers whose labels are complete. One that cannot be read, or whose labels have
    another size, is left out and named on standard error."""
    folder = photos / "street"
    if not folder.exists():
        return []
    names = street.read_names(folder / "label_names.txt")
    chosen = [photo for photo in street.street_photos(folder) if photo.number in numbers]
    found = (_readable(photo, names) for photo in chosen)
    return [photo for photo in found if photo is not None and photo.garments]


def _readable(photo: street.StreetPhoto, names: dict[str, int]) -> LabelledPhoto | None:
    try:
        return _street_photo(photo, names)
    except (OSError, ValueError) as error:
        print(f"left out: {photo.image}: {error}", file=sys.stderr)
        return None


def _street_photo(photo: street.StreetPhoto, names: dict[str, int]) -> LabelledPhoto | None:
    with Image.open(photo.image) as image:
        labels = read_pixel_labels(photo.labels, image.size)
    if not street.is_complete(labels, names):
        return None
    garments = tuple(
        Garment(LABELS.index(found.label), found.box, str(photo.labels), names[found.name])
        for found in street.garments(labels, names)
    )
    return LabelledPhoto(str(photo.image), "street", garments, str(photo.labels))


def file_labels(labels: Path, photos: Path, least_trust: float = 0.5) -> list[LabelledPhoto]:
    """The photos of a label file whose boxes can all be trusted that far, in the file's order."""
    by_photo: dict[str, list[Label]] = {}
    for label in read_labels(labels):
        by_photo.setdefault(label.photo, []).append(label)
    return [
        LabelledPhoto(str(photos / name), group[0].source, tuple(_garment(label, labels.parent) for label in group))
        for name, group in by_photo.items()
        if all(label.box_trust >= least_trust for label in group)
    ]


def _garment(label: Label, folder: Path) -> Garment:
    return Garment(CATEGORIES.index(label.category), label.box, str(folder / label.mask) if label.mask else None)
