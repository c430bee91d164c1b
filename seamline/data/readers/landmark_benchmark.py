"""DeepFashion Fashion Landmark Detection, and Category and Attribute Prediction: one garment a photo, no products.

Files: `Eval/list_eval_partition.txt`, `Anno/list_bbox.txt`, `Anno/list_landmarks.txt`; the attribute benchmark's also
`list_category_cloth.txt` with `list_category_img.txt`, and `list_attr_cloth.txt` with `list_attr_img.txt`, which name
the kind of garment and its sleeves; photos below `Img/img`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from seamline.data.label_file import Label
from seamline.data.readers.deepfashion import Entry, Garment, garments
from seamline.data.readers.deepfashion_labels import to_label
from seamline.data.readers.deepfashion_lists import CLOTHES_TYPES, FOLDERS, partition_rows
from seamline.data.readers.deepfashion_table import Row, Table
from seamline.data.readers.kinds import Sleeve, sleeve_of_names
from seamline.data.readers.request import Request
from seamline.data.readers.text import find, find_optional

SOURCE = "deepfashion-landmarks"
SPLITS = ("train", "val", "test")
_COLUMNS = ("image_name", "evaluation_status")
_YES = "1"
_FLAGS = frozenset({_YES, "-1", "0"})
"""Yes, no, and unknown."""


@dataclasses.dataclass(frozen=True)
class PhotoAttributes:
    """The attributes that a photo's garment has, by their names."""

    photo: str
    names: tuple[str, ...]


def labels(request: Request) -> Iterator[Label]:
    """The labels of a split. Raises BadDataset as `request` wants."""
    return (to_label(garment, SOURCE, request.keep_occluded) for garment in read_landmark_benchmark(request))


def read_landmark_benchmark(request: Request) -> Iterator[Garment]:
    """The garments of a split. Raises BadDataset as `request` wants."""
    entries = _entries(request.folder, request.split)
    return garments(request.folder, "list_bbox.txt", "list_landmarks.txt", entries, request.report)


def read_categories(folder: Path) -> dict[str, str]:
    """Photo -> name of its category (Blouse, Jeans, ...); empty where the folder has no such lists. Raises BadDataset
    where they are not as published."""
    names = find_optional(folder, "list_category_cloth.txt", FOLDERS)
    if names is None:
        return {}
    known = _categories(names)
    table = Table.open(find(folder, "list_category_img.txt", FOLDERS))
    return {row.fields[0]: known[_category(row, len(known)) - 1] for row in table.rows()}


def read_attributes(folder: Path) -> Iterator[PhotoAttributes]:
    """The attributes of every photo; none where the folder has no such lists. Raises BadDataset where they are not as
    published."""
    names = find_optional(folder, "list_attr_cloth.txt", FOLDERS)
    flags = find_optional(folder, "list_attr_img.txt", FOLDERS)
    if names is None or flags is None:
        return
    known = _attributes(names)
    for row in Table.open(flags).rows():
        yield PhotoAttributes(row.fields[0], _present(row, known))


def _entries(folder: Path, split: str) -> dict[str, Entry]:
    path = find(folder, "list_eval_partition.txt", ("Eval", *FOLDERS))
    photos = [row.fields[0] for row in partition_rows(path, _COLUMNS, SPLITS) if row.fields[1] == split]
    categories = read_categories(folder)
    sleeves = _sleeves(folder, frozenset(photos))
    return {photo: _entry(photo, categories, sleeves) for photo in photos}


def _entry(photo: str, categories: Mapping[str, str], sleeves: Mapping[str, Sleeve]) -> Entry:
    """Without lists of categories the photo's folder names its garment, if anything does."""
    words = categories.get(photo, Path(photo).parent.name)
    return Entry(None, words, sleeves.get(photo) or sleeve_of_names([words]))


def _sleeves(folder: Path, photos: frozenset[str]) -> dict[str, Sleeve]:
    found = {}
    for row in read_attributes(folder):
        sleeve = sleeve_of_names(row.names) if row.photo in photos else None
        if sleeve is not None:
            found[row.photo] = sleeve
    return found


def _categories(path: Path) -> list[str]:
    """Names in the order of their ids, from 1."""
    table = Table.open(path)
    table.require("category_name", "category_type")
    found = []
    for row in table.rows():
        row.require(2)
        row.location.code(row.fields[1], CLOTHES_TYPES, "category type")
        found.append(row.fields[0])
    return found


def _category(row: Row, count: int) -> int:
    row.require(2)
    return row.location.code(row.fields[1], range(1, count + 1), "category")


def _attributes(path: Path) -> list[str]:
    """Names in the files' order. They contain blanks: the last column is their type."""
    return [" ".join(row.fields[:-1]) for row in Table.open(path).rows()]


def _present(row: Row, names: list[str]) -> tuple[str, ...]:
    row.require(1 + len(names))
    flags = row.fields[1:]
    unknown = sorted(set(flags) - _FLAGS)
    if unknown:
        raise row.location.bad(f"the flag {unknown[0]} is unknown; known are 1, -1 and 0")
    return tuple(name for name, flag in zip(names, flags, strict=True) if flag == _YES)
