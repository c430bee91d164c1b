"""What the detector learns from: photos with garments, decoded once into arrays on disk.

Each photo is kept at up to 384 pixels with a map of its garments (0 background, k for the k-th garment), so that any
geometric change of a photo gives exact boxes: those of the changed map.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.data import street
from seamline.data.label_file import Label, read_labels
from seamline.image import Pixels, decode
from seamline.spec import CATEGORIES

SIDE = 384
STREET_TRAINING = 800
"""Street photos up to this number are for training, the others for measuring."""

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Garment:
    """A category's index and a box; `mask`: a PNG of the photo's size (255 = garment), or a pixel value of `regions`."""

    label: int
    box: Box
    mask: str | None = None
    value: int = 255


@dataclasses.dataclass(frozen=True)
class LabelledPhoto:
    """A photo file, its garments, and where the labels come from: silhouette, drawn or street."""

    path: str
    source: str
    garments: tuple[Garment, ...]


def street_labels(photos: Path, training: bool) -> list[LabelledPhoto]:
    """The street photos with complete labels: the first 800 by number for training, the others for measuring."""
    folder = photos / "street"
    if not folder.exists():
        return []
    names = street.read_names(folder / "label_names.txt")
    chosen = [photo for photo in street.street_photos(folder) if (photo.number <= STREET_TRAINING) == training]
    found = (_street_photo(photo, names) for photo in chosen)
    return [photo for photo in found if photo is not None and photo.garments]


def _street_photo(photo: street.StreetPhoto, names: dict[str, int]) -> LabelledPhoto | None:
    labels = np.asarray(Image.open(photo.labels), np.uint8)
    if not street.is_complete(labels, names):
        return None
    garments = tuple(
        Garment(CATEGORIES.index(found.category), found.box, str(photo.labels), names[found.name])
        for found in street.garments(labels, names)
    )
    return LabelledPhoto(str(photo.image), "street", garments)


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


@dataclasses.dataclass(frozen=True)
class Picture:
    """A photo at up to 384 pixels: rgb HxWx3, `garments` HxW (0 background, k the k-th garment), `labels` of the garments.

    `exact`: the garments are outlines, not filled boxes.
    """

    rgb: Pixels
    garments: NDArray[np.uint8]
    labels: tuple[int, ...]
    source: str
    exact: bool


class Album:
    """Decoded pictures on disk; reading one copies nothing but its own pixels."""

    def __init__(self, folder: Path) -> None:
        about = json.loads((folder / "album.json").read_text(encoding="utf-8"))
        self._about: list[dict[str, object]] = about["pictures"]
        count = len(self._about)
        self._rgb = np.memmap(folder / "rgb.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3))
        self._garments = np.memmap(folder / "garments.u8", np.uint8, "r", shape=(count, SIDE, SIDE))
        self.sources = tuple(str(entry["source"]) for entry in self._about)

    def __len__(self) -> int:
        return len(self._about)

    def __getitem__(self, index: int) -> Picture:
        entry = self._about[index]
        height, width = entry["size"]  # type: ignore[misc]
        return Picture(
            np.asarray(self._rgb[index, :height, :width]),
            np.asarray(self._garments[index, :height, :width]),
            tuple(entry["labels"]),  # type: ignore[arg-type]
            self.sources[index],
            bool(entry["exact"]),
        )


def open_album(photos: Sequence[LabelledPhoto], folder: Path) -> Album:
    """The album of these photos below `folder`, made when it is not there yet."""
    listed = json.dumps([dataclasses.asdict(photo) for photo in photos])
    place = folder / f"album-{hashlib.sha256(listed.encode()).hexdigest()[:12]}"
    if not (place / "album.json").exists():
        place.mkdir(parents=True, exist_ok=True)
        _write_album(photos, place)
    return Album(place)


def _write_album(photos: Sequence[LabelledPhoto], place: Path) -> None:
    about = []
    with (place / "rgb.u8").open("wb") as rgb, (place / "garments.u8").open("wb") as garments:
        for picture in pictures(photos):
            rgb.write(_padded(picture.rgb).tobytes())
            garments.write(_padded(picture.garments).tobytes())
            size = picture.garments.shape
            about.append({"size": size, "labels": picture.labels, "source": picture.source, "exact": picture.exact})
    beside = place / "album.json.part"
    beside.write_text(json.dumps({"pictures": about}), encoding="utf-8")
    os.replace(beside, place / "album.json")


def _padded(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    square = np.zeros((SIDE, SIDE, *array.shape[2:]), np.uint8)
    square[: array.shape[0], : array.shape[1]] = array
    return square


def pictures(photos: Iterable[LabelledPhoto]) -> Iterator[Picture]:
    """Decode photos and draw their garment maps."""
    for labelled in photos:
        photo = decode(Path(labelled.path).read_bytes(), SIDE)
        garments = np.zeros(photo.rgb.shape[:2], np.uint8)
        for number, garment in enumerate(labelled.garments, start=1):
            _draw(garments, garment, number, (photo.width, photo.height))
        exact = all(garment.mask is not None for garment in labelled.garments)
        yield Picture(photo.rgb, garments, tuple(garment.label for garment in labelled.garments), labelled.source, exact)


def _draw(garments: NDArray[np.uint8], garment: Garment, number: int, size: tuple[int, int]) -> None:
    height, width = garments.shape
    x_scale, y_scale = width / size[0], height / size[1]
    x0, y0, x1, y1 = garment.box
    rows = slice(round(y0 * y_scale), max(round(y1 * y_scale), round(y0 * y_scale) + 1))
    columns = slice(round(x0 * x_scale), max(round(x1 * x_scale), round(x0 * x_scale) + 1))
    if garment.mask is None:
        garments[rows, columns] = number
        return
    mask = np.asarray(Image.open(garment.mask)) == garment.value
    small = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BOX)) > 127
    part = np.zeros_like(small)
    part[rows, columns] = small[rows, columns]  # what lies outside the box is a speck
    garments[part] = number
