"""Garments that people wear in street photos, as originals of copies.

A label's mask holds the pixels of its name and nothing of what lies over it: hair, an arm, a bag. So an edit within the
mask leaves those where they are. Points were set by hand (`street_landmarks.jsonl`), or are read from the masks of
trousers, shorts and skirts; what has neither is no original.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.core.output_files import output_file
from seamline.core.spec import LANDMARKS
from seamline.data.copies.originals import sample_of
from seamline.data.copies.sample import GarmentSample
from seamline.data.copies.worn_points import LOWER, read_lower, with_guesses
from seamline.data.label_file import Label, Point
from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.silhouette import Mask
from seamline.data.street import (
    TRAINING_PHOTOS,
    StreetGarment,
    StreetPhoto,
    garments,
    read_names,
    street_photos,
    without_specks,
)
from seamline.data.street_landmarks import WornGarment, read_street_landmarks

SOURCE = "street"
"""What `Label.source` says of them."""

DEVELOPMENT_NUMBERS = range(TRAINING_PHOTOS + 1, 10_000)
"""Photos that train no network."""

LEAST_TRUST = 0.5
"""Points that are read from a mask are used from this trust on."""


@dataclasses.dataclass(frozen=True)
class WornLabels:
    """`labels`: of the garments; points that were only guessed are `unsure`. `refused`: a sentence with file and line
    for each entry that could not be used."""

    labels: tuple[Label, ...]
    refused: tuple[str, ...]


def worn_labels(photos: Path, out: Path, numbers: range) -> WornLabels:
    """The garments of PHOTOS/street/images/N.jpg, N among `numbers`, whose points are known; their masks are written
    to OUT/masks/street/N-NAME.png. Raises NotFound where there is no `street_landmarks.jsonl`."""
    read = read_street_landmarks(photos)
    hand = {(one.file, one.label): one for one in read.garments}
    names = read_names(photos / "street" / "label_names.txt")
    labels: list[Label] = []
    refused = list(read.refused)
    for photo in street_photos(photos / "street"):
        if photo.number in numbers:
            try:
                labels += _of_photo(photo, names, hand, out)
            except (ValueError, OSError) as error:
                refused.append(f"{photo.labels}: {error}")
    return WornLabels(tuple(labels), tuple(refused))


def worn_garments(photos: Path) -> list[tuple[str, GarmentSample]]:
    """Name and sample of the garments of photos that train no network. Raises NotFound as `worn_labels` does."""
    with tempfile.TemporaryDirectory() as folder:
        labels = worn_labels(photos, Path(folder), DEVELOPMENT_NUMBERS).labels
        return [(f"{label.photo} {garment_name(label)}", sample_of(label, photos, Path(folder))) for label in labels]


def mask_name(photo: str, garment: str) -> str:
    """The file of a garment's mask, relative to the folder that holds `masks`."""
    return f"masks/street/{Path(photo).stem}-{garment}.png"


def garment_name(label: Label) -> str:
    """The name of the garment in the pixel labels of its photo."""
    return Path(label.mask or "").stem.partition("-")[2]


def _of_photo(
    photo: StreetPhoto, names: Mapping[str, int], hand: Mapping[tuple[str, str], WornGarment], out: Path
) -> Iterator[Label]:
    """Raises ValueError for labels of another size than the photo, and OSError for files that are no pictures."""
    with Image.open(photo.image) as image:
        pixels = read_pixel_labels(photo.labels, image.size)
    file = f"street/images/{photo.image.name}"
    for garment in garments(pixels, names):
        mask = np.where(without_specks(pixels == names[garment.name]), 255, 0).astype(np.uint8)
        label = _labelled(file, garment, mask, hand.get((file, garment.name)))
        if label is not None:
            _write(mask, out / mask_name(file, garment.name))
            yield label


def _write(mask: Mask, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with output_file(path) as file:
        Image.fromarray(mask).save(file, "PNG")


def _labelled(file: str, garment: StreetGarment, mask: Mask, hand: WornGarment | None) -> Label | None:
    """None where nothing tells the garment's points."""
    points: dict[str, Point | None] = dict.fromkeys(LANDMARKS)
    unsure: tuple[str, ...] = ()
    if garment.category in LOWER:
        found = read_lower(mask, garment.category)
        if found.trust < LEAST_TRUST:
            return None
        known, trust = found.points, found.trust
        unsure = tuple(known)
    elif hand is not None:
        set_by_hand = {name: np.array(point) for name, point in hand.points.items() if point is not None}
        known, trust = with_guesses(set_by_hand), 1.0
        unsure = tuple(name for name in known if name not in set_by_hand)
    else:
        return None
    points |= {name: (float(place[0]), float(place[1])) for name, place in known.items()}
    height, width = mask.shape
    return Label(
        file, width, height, garment.box, garment.category, points, SOURCE, mask_name(file, garment.name), trust, 1.0,
        unsure,
    )  # fmt: skip
