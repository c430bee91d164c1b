"""Pictures to learn from, decoded or drawn once and kept in arrays on disk.

Each is kept at up to 320 pixels with a map of its garments (0 background, k for the k-th garment, 255 for what else
belongs to a person), so that any geometric change of a picture gives exact boxes: those of the changed map.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seamline.core.image import Pixels, decode
from seamline.core.spec import CATEGORIES
from seamline.nn.segmentation_head import PERSON
from seamline.synthetic import draw_sample
from seamline.training.cache import fill_once
from seamline.training.detector.photos import Garment, LabelledPhoto

SIDE = 320


@dataclasses.dataclass(frozen=True)
class Drawings:
    """How many garments to draw, and the seed from which."""

    count: int = 0
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Picture:
    """A photo at up to 320 pixels: rgb HxWx3, `garments` HxW, `labels` of the garments.

    `exact`: the garments are outlines, not filled boxes.
    """

    rgb: Pixels
    garments: NDArray[np.uint8]
    labels: tuple[int, ...]
    source: str
    exact: bool


@dataclasses.dataclass(frozen=True)
class _Entry:
    """What the arrays do not say about a picture."""

    height: int
    width: int
    labels: tuple[int, ...]
    source: str
    exact: bool


class Album:
    """Pictures on disk, in a fixed order."""

    def __init__(self, folder: Path) -> None:
        rows = json.loads((folder / "album.json").read_text(encoding="utf-8"))
        self._entries = [_Entry(**{**row, "labels": tuple(row["labels"])}) for row in rows]
        count = len(rows)
        self._rgb: Pixels = np.memmap(folder / "rgb.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3))
        self._garments: Pixels = np.memmap(folder / "garments.u8", np.uint8, "r", shape=(count, SIDE, SIDE))
        self.sources = tuple(entry.source for entry in self._entries)
        self.labels = tuple(entry.labels for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Picture:
        entry = self._entries[index]
        rgb = np.asarray(self._rgb[index, : entry.height, : entry.width])
        garments = np.asarray(self._garments[index, : entry.height, : entry.width])
        return Picture(rgb, garments, entry.labels, entry.source, entry.exact)


def open_album(photos: Sequence[LabelledPhoto], folder: Path, drawings: Drawings = Drawings()) -> Album:
    """The album of these photos and drawings below `folder`, made when it is not there yet."""
    listed = json.dumps([dataclasses.asdict(photo) for photo in photos] + [dataclasses.asdict(drawings)])
    digest = hashlib.sha256(listed.encode()).hexdigest()
    place = folder / f"album-{digest[:12]}"
    fill_once(place, digest, lambda: _write_album(photos, drawings, place))
    return Album(place)


def _write_album(photos: Sequence[LabelledPhoto], drawings: Drawings, place: Path) -> None:
    entries = []
    with (place / "rgb.u8").open("wb") as rgb, (place / "garments.u8").open("wb") as garments:
        for picture in _pictures(photos, drawings):
            rgb.write(_padded(picture.rgb).tobytes())
            garments.write(_padded(picture.garments).tobytes())
            entries.append(_entry(picture))
    listed = json.dumps([dataclasses.asdict(entry) for entry in entries])
    (place / "album.json").write_text(listed, encoding="utf-8")


def _entry(picture: Picture) -> _Entry:
    height, width = picture.garments.shape
    return _Entry(height, width, picture.labels, picture.source, picture.exact)


def _padded(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    square = np.zeros((SIDE, SIDE, *array.shape[2:]), np.uint8)
    square[: array.shape[0], : array.shape[1]] = array
    return square


def _pictures(photos: Sequence[LabelledPhoto], drawings: Drawings) -> Iterator[Picture]:
    for labelled in photos:
        yield decoded(labelled)
    for number in range(drawings.count):
        yield drawn(np.random.default_rng((drawings.seed, number)))


def decoded(labelled: LabelledPhoto) -> Picture:
    """A photo's pixels and the map of its garments."""
    photo = decode(Path(labelled.path).read_bytes(), SIDE)
    garments = _people(labelled, photo.rgb.shape[1], photo.rgb.shape[0])
    for number, garment in enumerate(labelled.garments, start=1):
        _mark(garments, garment, number, (photo.width, photo.height))
    exact = all(garment.mask is not None for garment in labelled.garments)
    return Picture(photo.rgb, garments, tuple(garment.label for garment in labelled.garments), labelled.source, exact)


def _people(labelled: LabelledPhoto, width: int, height: int) -> NDArray[np.uint8]:
    if labelled.people is None:
        return np.zeros((height, width), np.uint8)
    shown = (np.asarray(Image.open(labelled.people)) > 0).astype(np.uint8) * PERSON
    return np.array(Image.fromarray(shown).resize((width, height), Image.Resampling.NEAREST), np.uint8)


def _mark(garments: NDArray[np.uint8], garment: Garment, number: int, size: tuple[int, int]) -> None:
    height, width = garments.shape
    x_scale, y_scale = width / size[0], height / size[1]
    x0, y0, x1, y1 = garment.box
    rows = slice(round(y0 * y_scale), max(round(y1 * y_scale), round(y0 * y_scale) + 1))
    columns = slice(round(x0 * x_scale), max(round(x1 * x_scale), round(x0 * x_scale) + 1))
    if garment.mask is None:
        garments[rows, columns] = number
        return
    mask = np.asarray(Image.open(garment.mask)) == garment.value
    small = Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BOX)
    inside = np.asarray(small)[rows, columns] > 127  # what lies outside the box is a speck
    garments[rows, columns][inside] = number


def drawn(rng: np.random.Generator) -> Picture:
    """A drawn garment on its background."""
    sample = draw_sample(rng, SIDE)
    label = CATEGORIES.index(sample.category)
    return Picture(sample.rgb, (sample.mask > 127).astype(np.uint8), (label,), "drawn", exact=True)
