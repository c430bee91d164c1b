"""Labels of garments on people: those with points set by hand, and those of which only the pixels are known."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label
from seamline.data.mask_box import mask_box
from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.readers.deepfashion2_layout import label_points
from seamline.data.street import TRAINING_PHOTOS, StreetPhoto, garments, read_names, street_photos, without_specks
from seamline.data.street_landmarks import TRAIN, WornGarment, read_street_landmarks
from seamline.training.progress import tracked

DEVELOPMENT = 24
"""Marked garments that are not learnt from, so that a training can be judged."""

_FEWEST = 2 * DEVELOPMENT
_NAMED = 10
"""Labels that cannot be used which are named one by one: a file of labels may be of other photos altogether."""

_SELF_TRUST = 0.5
"""How far landmarks are believed that the network itself finds."""


def marked_garments(photos: Path, file: Path | None = None) -> tuple[WornGarment, ...]:
    """The garments to learn from, of PHOTOS/street_landmarks.jsonl or another `file`; labels that cannot be used are
    counted, and the first ones named, on standard error. Raises NotFound."""
    read = read_street_landmarks(photos, file)
    for refusal in read.refused[:_NAMED]:
        print(f"left out: {refusal}", file=sys.stderr, flush=True)
    if (more := len(read.refused) - _NAMED) > 0:
        print(f"left out: {more} more", file=sys.stderr, flush=True)
    return read.of(TRAIN)


def held_out(marked: Sequence[WornGarment]) -> tuple[WornGarment, ...]:
    """Some of the garments, evenly spread over kinds; none where there are hardly any."""
    ordered = sorted(marked, key=lambda garment: (garment.label, garment.file))
    count = DEVELOPMENT if len(ordered) >= _FEWEST else 0
    return tuple(ordered[len(ordered) * place // DEVELOPMENT] for place in range(count))


def label_of(garment: WornGarment, folder: Path) -> Label:
    """The label of a marked garment, whose mask is written to `folder`."""
    mask = _written(garment.mask(), folder / f"{garment.photo.stem}-{garment.label}.png")
    points = {name: garment.points.get(name) for name in LANDMARKS}
    return Label(
        garment.file, garment.width, garment.height, garment.box, garment.category, points, "street", str(mask)
    )


def street_labels(photos: Path, folder: Path) -> Iterator[Label]:
    """Labels, without points, of all garments of the street photos to learn from; masks are written to `folder`.

    Points that their kind of garment lacks are absent, such as the cuffs of vests, and all others unsure. A photo that
    cannot be used is named on standard error.
    """
    street = photos / "street"
    names = read_names(street / "label_names.txt")
    chosen = [photo for photo in street_photos(street) if photo.number <= TRAINING_PHOTOS]
    for photo in tracked("street photos", chosen, len(chosen)):
        try:
            yield from _labels_of(photo, names, photos, folder)
        except (OSError, ValueError) as error:
            print(f"left out: {photo.image} with {photo.labels}: {error}", file=sys.stderr, flush=True)


def _labels_of(photo: StreetPhoto, names: Mapping[str, int], photos: Path, folder: Path) -> Iterator[Label]:
    with Image.open(photo.image) as image:
        width, height = image.size
    labels = read_pixel_labels(photo.labels, (width, height))
    for garment in garments(labels, names):
        mask = without_specks(labels == names[garment.name])
        path = _written(mask, folder / f"{photo.number:04d}-{garment.name}.png")
        points, unsure = label_points(garment.category, {})
        yield Label(
            photo.image.relative_to(photos).as_posix(), width, height, mask_box(mask), garment.category,
            points, "street", str(path), _SELF_TRUST, 1.0, unsure,
        )  # fmt: skip


def _written(mask: NDArray[np.bool_], path: Path) -> Path:
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask.astype(np.uint8) * 255).save(path, compress_level=1)
    return path
