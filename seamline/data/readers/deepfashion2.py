"""DeepFashion2's annotation files (Ge et al., CVPR 2019): one JSON file per photo, beside it in `annos/` and `image/`.

Folders: `train/annos/000001.json` with `train/image/000001.jpg`, the same below `validation/`. The published test
photos have no annotations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seamline.core.spec import CATEGORIES
from seamline.data.readers.bad_dataset import BadDataset, Location
from seamline.data.readers.deepfashion2_layout import COUNT
from seamline.data.readers.photo_file import Box, Landmark, box_inside, photo_size, point_inside
from seamline.data.readers.text import read_json

SPLITS = ("train", "validation")
NOT_LABELLED, OCCLUDED, VISIBLE = 0, 1, 2
"""Visibilities; the coordinates of what is not labelled mean nothing."""

_SOURCES = ("shop", "user")


@dataclasses.dataclass(frozen=True)
class Item:
    """One garment. `key`: its name in the file (item1). `style`: 0 where it has no pair. `polygons`: the outline's
    pieces, each a run of (x, y) in pixels. The four grades are 1 to 3 as published, None where the file leaves them
    out: scale small to large, occlusion slight to heavy, zoom_in none to large, viewpoint not worn, frontal, other."""

    key: str
    category: str
    style: int
    box: Box
    landmarks: tuple[Landmark, ...]
    polygons: tuple[tuple[tuple[float, float], ...], ...]
    scale: int | None = None
    occlusion: int | None = None
    zoom_in: int | None = None
    viewpoint: int | None = None


@dataclasses.dataclass(frozen=True)
class Annotation:
    """One photo. `source`: shop or user. Items of equal `pair_id` and equal style above 0 are one product."""

    file: Path
    photo: Path
    width: int
    height: int
    source: str
    pair_id: int
    items: tuple[Item, ...]


def annotation_files(folder: Path, split: str) -> Iterator[Path]:
    """The split's annotation files by name. Raises BadDataset where there are none."""
    annotations = folder / split / "annos"
    files = sorted(annotations.glob("*.json"))
    if not files:
        raise BadDataset(annotations, None, "the folder is missing or holds no .json file")
    yield from files


def read_annotation(file: Path) -> Annotation:
    """One file. Raises BadDataset, naming the key, where it or its photo is not as published."""
    data = _object(read_json(file), Location(file))
    at = Location(file, "the photo")
    photo = file.parent.parent / "image" / f"{file.stem}.jpg"
    size = photo_size(photo, at)
    source = _get(data, "source", Location(file))
    if source not in _SOURCES:
        raise Location(file, "source").bad(f"{source!r} is unknown; known are shop and user")
    pair_id = Location(file, "pair_id").integer(_get(data, "pair_id", Location(file)))
    keys = [key for key in data if key.startswith("item")]
    if not keys:
        raise Location(file).bad("there is no item")
    items = tuple(_item(file, key, data[key], size) for key in keys)
    return Annotation(file, photo, *size, source, pair_id, items)


def _item(file: Path, key: str, value: object, size: tuple[int, int]) -> Item:
    at = Location(file, key)
    data = _object(value, at)
    category = _category(data, at)
    box = Location(file, f"{key}.bounding_box")
    return Item(
        key,
        category,
        Location(file, f"{key}.style").integer(_get(data, "style", at)),
        box_inside(_numbers(_get(data, "bounding_box", at), box), size, box),
        _landmarks(_get(data, "landmarks", at), category, size, Location(file, f"{key}.landmarks")),
        _polygons(_get(data, "segmentation", at), size, Location(file, f"{key}.segmentation")),
        *(_grade(data, name, at) for name in ("scale", "occlusion", "zoom_in", "viewpoint")),
    )


def _category(data: dict[str, Any], at: Location) -> str:
    number = at.code(_get(data, "category_id", at), range(1, len(CATEGORIES) + 1), "category_id")
    category = CATEGORIES[number - 1]
    name = data.get("category_name", category)
    if name != category:
        raise at.bad(f"category_id {number} is {category!r}, but category_name says {name!r}")
    return category


def _landmarks(value: object, category: str, size: tuple[int, int], at: Location) -> tuple[Landmark, ...]:
    numbers = _numbers(value, at)
    if len(numbers) != 3 * COUNT[category]:
        raise at.bad(f"{category} has {COUNT[category]} landmarks of 3 numbers, not {len(numbers)} numbers")
    return tuple(_landmark(numbers[start : start + 3], size, at) for start in range(0, len(numbers), 3))


def _landmark(numbers: list[float], size: tuple[int, int], at: Location) -> Landmark:
    visibility = at.code(numbers[2], (NOT_LABELLED, OCCLUDED, VISIBLE), "visibility")
    point = (numbers[0], numbers[1])
    if visibility == VISIBLE:
        point = point_inside(point, size, at, "visible landmark")
    return Landmark(*point, visibility)


def _polygons(value: object, size: tuple[int, int], at: Location) -> tuple[tuple[tuple[float, float], ...], ...]:
    if not isinstance(value, list):
        raise at.bad("this is not a list of polygons")
    return tuple(_polygon(_numbers(polygon, at), size, at) for polygon in value)


def _polygon(numbers: list[float], size: tuple[int, int], at: Location) -> tuple[tuple[float, float], ...]:
    if len(numbers) < 6 or len(numbers) % 2:
        raise at.bad(f"a polygon has three or more points of 2 numbers, not {len(numbers)} numbers")
    corners = zip(numbers[::2], numbers[1::2], strict=True)
    return tuple(point_inside(corner, size, at, "polygon corner") for corner in corners)


def _grade(data: dict[str, Any], name: str, at: Location) -> int | None:
    return None if name not in data else at.code(data[name], (1, 2, 3), name)


def _object(value: object, at: Location) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise at.bad("this is not a JSON object")
    return value


def _get(data: dict[str, Any], key: str, at: Location) -> Any:
    if key not in data:
        raise at.bad(f"the key {key!r} is missing")
    return data[key]


def _numbers(value: object, at: Location) -> list[float]:
    if not isinstance(value, list):
        raise at.bad("this is not a list of numbers")
    for number in value:
        if isinstance(number, str):
            raise at.bad(f"{number!r} is not a number")
    return [at.number(number) for number in value]
