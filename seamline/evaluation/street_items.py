"""Garments on people as photos of a gallery: each one in its true box, told apart by its label's name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.street import TRAINING_PHOTOS, StreetPhoto, garments, read_names, street_photos
from seamline.evaluation.cache import Arrays, key_of, stored, tracked

Box = tuple[float, float, float, float]

MOST = 1000
"""Garments on people in a gallery, unless there are more among the development photos."""

CLASSES: Mapping[str, str] = {
    "short sleeve top": "t-shirt", "vest": "t-shirt", "sling": "t-shirt", "long sleeve top": "longsleeve",
    "short sleeve outwear": "outwear", "long sleeve outwear": "outwear", "trousers": "pants", "shorts": "shorts",
    "skirt": "skirt", "short sleeve dress": "dress", "long sleeve dress": "dress", "vest dress": "dress",
    "sling dress": "dress",
}  # fmt: skip
"""Category -> the class of clothing by which flat-lay photos lie in folders."""


@dataclasses.dataclass(frozen=True)
class StreetItem:
    """A garment in a street photo. `name`: `street/images/N.jpg#LABEL`; `box` in the photo's pixels."""

    name: str
    category: str
    box: Box

    @property
    def photo(self) -> str:
        """The photo's name."""
        return photo_of(self.name)


@dataclasses.dataclass(frozen=True)
class StreetItems:
    """Garments of street photos, and a sentence for each photo that could not be used."""

    items: tuple[StreetItem, ...] = ()
    refused: tuple[str, ...] = ()


def item_name(photo: str, label: str) -> str:
    """How a garment of a street photo is named."""
    return f"{photo}#{label}"


def photo_of(name: str) -> str:
    """The photo of a name, be it a photo's or a garment's."""
    return name.partition("#")[0]


def street_items(photos: Path, cache: Path) -> StreetItems:
    """All garments of PHOTOS/street, read before, from `cache`; none where there is no such folder."""
    folder = photos / "street"
    found = street_photos(folder) if (folder / "label_names.txt").is_file() else []
    if not found:
        return StreetItems()
    key = key_of(*(f"{photo.labels.name} {photo.labels.stat().st_size}" for photo in found), "v1")
    arrays = stored(cache, f"street-{key}", lambda: _read(found, read_names(folder / "label_names.txt")))
    rows = zip(arrays["name"], arrays["category"], arrays["box"].tolist(), strict=True)
    items = tuple(StreetItem(str(name), str(category), tuple(box)) for name, category, box in rows)
    return StreetItems(items, tuple(str(sentence) for sentence in arrays["refused"]))


def _read(photos: list[StreetPhoto], names: Mapping[str, int]) -> Arrays:
    items: list[StreetItem] = []
    refused: list[str] = []
    for photo in tracked("garments on people", photos, len(photos)):
        try:
            items += _of_photo(photo, names)
        except (ValueError, OSError) as error:
            refused.append(f"{photo.labels}: {error}")
    return {
        "name": np.array([item.name for item in items], np.str_),
        "category": np.array([item.category for item in items], np.str_),
        "box": np.array([item.box for item in items], np.float64).reshape(-1, 4),
        "refused": np.array(refused, np.str_),
    }


def _of_photo(photo: StreetPhoto, names: Mapping[str, int]) -> list[StreetItem]:
    """Raises ValueError for labels of another size than the photo, and OSError for files that are no pictures."""
    with Image.open(photo.image) as image:
        labels = read_pixel_labels(photo.labels, image.size)
    name = f"street/images/{photo.image.name}"
    return [StreetItem(item_name(name, one.name), one.category, one.box) for one in garments(labels, names)]


def chosen_items(every: tuple[StreetItem, ...], wanted: set[str], most: int, seed: int) -> tuple[StreetItem, ...]:
    """The garments of photos that no network was trained on, and drawn from the others until there are `most`; what is
    `wanted` by name always."""
    first = [index for index, item in enumerate(every) if item.name in wanted]
    ranks = np.random.default_rng(seed).permutation(len(every))  # whatever is wanted, so that levels share a gallery
    trained = np.array([not is_development(item.name) for item in every], bool)
    order = np.lexsort((ranks, trained))
    drawn = [index for index in order.tolist() if index not in set(first)]
    kept = {*first, *drawn[: max(0, most - len(first))]}
    return tuple(item for index, item in enumerate(every) if index in kept)


def is_development(name: str) -> bool:
    """Whether no network was trained on the street photo of this name."""
    return int(Path(photo_of(name)).stem) > TRAINING_PHOTOS
