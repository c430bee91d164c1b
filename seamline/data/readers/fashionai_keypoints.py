"""FashionAI's keypoints (Alibaba, 2018): a CSV file of 24 points per photo, "x_y_v" each.

v is 1 for a visible point, 0 for a hidden one, -1 (with x and y -1) for one that the garment does not have. Below
FOLDER/<split>: `Annotations/<any name>.csv`, whose image_id column names photos relative to FOLDER/<split>.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from seamline.data.readers.bad_dataset import BadDataset, Location
from seamline.data.readers.photo_file import photo_path, photo_size, point_inside
from seamline.data.readers.text import lines

ABSENT, HIDDEN, VISIBLE = -1, 0, 1

_TOP = "neckline_{} shoulder_{} armpit_{} cuff_{}_in cuff_{}_out"
_PARTS = {
    "blouse": f"center_front {_TOP} top_hem_{{}}",
    "outwear": f"{_TOP} waistline_{{}} top_hem_{{}}",
    "dress": f"center_front {_TOP} waistline_{{}} hemline_{{}}",
    "skirt": "waistband_{} hemline_{}",
    "trousers": "waistband_{} crotch bottom_{}_in bottom_{}_out",
}

POINTS: Mapping[str, frozenset[str]] = {
    category: frozenset(part.replace("{}", side) for part in parts.split() for side in ("left", "right"))
    for category, parts in _PARTS.items()
}
"""Category -> the keypoints that it has."""

COLUMNS = (
    "neckline_left", "neckline_right", "center_front", "shoulder_left", "shoulder_right", "armpit_left",
    "armpit_right", "waistline_left", "waistline_right", "cuff_left_in", "cuff_left_out", "cuff_right_in",
    "cuff_right_out", "top_hem_left", "top_hem_right", "waistband_left", "waistband_right", "hemline_left",
    "hemline_right", "crotch", "bottom_left_in", "bottom_left_out", "bottom_right_in", "bottom_right_out",
)  # fmt: skip
"""The file's columns after image_id and image_category."""


@dataclasses.dataclass(frozen=True)
class Keypoint:
    """x and y in pixels, and whether the point is visible or hidden."""

    x: float
    y: float
    visible: bool


@dataclasses.dataclass(frozen=True)
class KeypointRow:
    """One garment: its photo, FashionAI's category, and the keypoints that it has by their column."""

    location: Location
    photo: Path
    width: int
    height: int
    category: str
    points: Mapping[str, Keypoint]


def annotation_files(folder: Path, split: str) -> list[Path]:
    """The CSV files of a split by name. Raises BadDataset where there are none."""
    found = sorted((folder / split / "Annotations").glob("*.csv"))
    if not found:
        raise BadDataset(folder / split / "Annotations", None, "the folder is missing or holds no .csv file")
    return found


def rows(file: Path) -> Iterator[tuple[Location, list[str]]]:
    """The file's rows with their places. Raises BadDataset where the header is not the published one."""
    for number, line in lines(file):
        fields = line.rstrip("\r\n").split(",")
        if number == 1:
            _check_header(fields, Location(file, 1))
        elif line.strip():
            yield Location(file, number), fields


def row_reader(photos: Path) -> Callable[[tuple[Location, list[str]]], KeypointRow]:
    """Reads rows whose photos are relative to `photos`; raises BadDataset where a row is not as published."""
    return lambda row: _row(photos, *row)


def _check_header(fields: list[str], at: Location) -> None:
    expected = ["image_id", "image_category", *COLUMNS]
    if fields != expected:
        different = next((a for a, b in zip(fields, expected, strict=False) if a != b), None)
        found = f"the column {different!r} is unknown or out of order" if different else f"{len(fields)} columns"
        raise at.bad(f"the header is not FashionAI's ({found}; expected are {len(expected)} columns)")


def _row(photos: Path, at: Location, fields: list[str]) -> KeypointRow:
    if len(fields) != 2 + len(COLUMNS):
        raise at.bad(f"a row has {2 + len(COLUMNS)} columns, not {len(fields)}")
    name, category = fields[:2]
    if category not in POINTS:
        raise at.bad(f"the category {category!r} is unknown; known are {', '.join(POINTS)}")
    photo = photo_path(photos, name, at)
    size = photo_size(photo, at)
    parsed = {column: _keypoint(text, size, at) for column, text in zip(COLUMNS, fields[2:], strict=True)}
    points = {column: point for column, point in parsed.items() if point is not None}
    foreign = sorted(points.keys() - POINTS[category])
    if foreign:
        raise at.bad(f"a {category} has no {foreign[0]}")
    return KeypointRow(at, photo, *size, category, points)


def _keypoint(text: str, size: tuple[int, int], at: Location) -> Keypoint | None:
    parts = text.split("_")
    if len(parts) != 3:
        raise at.bad(f"{text!r} is not a keypoint x_y_v")
    x, y = at.number(parts[0]), at.number(parts[1])
    visibility = at.code(parts[2], (ABSENT, HIDDEN, VISIBLE), "visibility")
    if visibility == ABSENT:
        return None
    if visibility == VISIBLE:
        x, y = point_inside((x, y), size, at, "visible keypoint")
    return Keypoint(x, y, visibility == VISIBLE)
