"""DeepFashion's lists of boxes, landmarks and partitions (Liu et al., CVPR 2016)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from seamline.data.readers.bad_dataset import BadDataset, Location
from seamline.data.readers.deepfashion_table import Row, Table
from seamline.data.readers.kinds import FULL, LOWER, UPPER
from seamline.data.readers.photo_file import Landmark

FOLDERS = ("Anno", "Eval", ".", "Anno_coarse", "Anno/attributes")
"""Where the archives unpack their lists to, below the set's folder."""

CLOTHES_TYPES = (UPPER, LOWER, FULL)
VISIBLE, OCCLUDED, CUT_OFF = 0, 1, 2

LANDMARKS = {
    UPPER: ("collar_left", "collar_right", "sleeve_left", "sleeve_right", "hem_left", "hem_right"),
    LOWER: ("waistline_left", "waistline_right", "hem_left", "hem_right"),
    FULL: (
        "collar_left", "collar_right", "sleeve_left", "sleeve_right", "waistline_left", "waistline_right",
        "hem_left", "hem_right",
    ),
}  # fmt: skip
"""Clothes type -> its landmarks in the files' order."""


@dataclasses.dataclass(frozen=True)
class BoxRow:
    """A photo's box x0, y0, x1, y1, not yet checked against the photo. `clothes_type` and `view` (pose type of
    In-shop, source type of Consumer-to-shop) are None where the list has no such column."""

    location: Location
    photo: str
    clothes_type: int | None
    view: int | None
    box: tuple[float, float, float, float]


def box_table(path: Path) -> Table:
    """Opens a list of boxes. Raises BadDataset where its columns are none of the published ones."""
    table = Table.open(path)
    if len(table.columns) == 7:
        if table.columns[2] not in ("pose_type", "source_type"):
            raise BadDataset(path, 2, f"the column {table.columns[2]!r} is neither pose_type nor source_type")
        table.require("image_name", "clothes_type", table.columns[2], "x_1", "y_1", "x_2", "y_2")
    else:
        table.require("image_name", "x_1", "y_1", "x_2", "y_2")
    return table


def box_row(table: Table, row: Row) -> BoxRow:
    """Reads one row of a list of boxes."""
    at = row.location
    row.require(len(table.columns))
    clothes_type = view = None
    if len(table.columns) == 7:
        clothes_type = at.code(row.fields[1], CLOTHES_TYPES, "clothes type")
        codes = range(1, 7) if table.columns[2] == "pose_type" else (1, 2)
        view = at.code(row.fields[2], codes, table.columns[2].replace("_", " "))
    x0, y0, x1, y1 = (at.number(field) for field in row.fields[-4:])
    return BoxRow(at, row.fields[0], clothes_type, view, (x0, y0, x1, y1))


@dataclasses.dataclass(frozen=True)
class LandmarkRow:
    """A photo's landmarks in the order of LANDMARKS. `variation`: 1 to 5, normal, medium and large pose, medium and
    large zoom-in; None where the list has no such column."""

    location: Location
    photo: str
    clothes_type: int
    variation: int | None
    landmarks: tuple[Landmark, ...]


def landmark_table(path: Path) -> Table:
    """Opens a list of landmarks. Raises BadDataset where its columns are none of the published ones."""
    table = Table.open(path)
    head = ("image_name", "clothes_type", "variation_type")[: _before_landmarks(table)]
    if table.columns[: len(head)] != head:
        raise BadDataset(path, 2, f"the columns start with {table.columns[: len(head)]}; expected are {head}")
    return table


def landmark_row(table: Table, row: Row) -> LandmarkRow:
    """Reads one row of a list of landmarks."""
    at, before = row.location, _before_landmarks(table)
    if len(row.fields) < before:
        raise at.bad(f"a row starts with {before} columns, not {len(row.fields)}")
    clothes_type = at.code(row.fields[1], CLOTHES_TYPES, "clothes type")
    variation = at.code(row.fields[2], range(1, 6), "variation type") if before == 3 else None
    numbers, expected = row.fields[before:], len(LANDMARKS[clothes_type])
    if len(numbers) != 3 * expected:
        raise at.bad(f"clothes type {clothes_type} has {expected} landmarks of 3 numbers, not {len(numbers)} numbers")
    triples = (numbers[start : start + 3] for start in range(0, len(numbers), 3))
    return LandmarkRow(at, row.fields[0], clothes_type, variation, tuple(_landmark(at, *one) for one in triples))


def partition_rows(path: Path, columns: tuple[str, ...], splits: tuple[str, ...]) -> Iterator[Row]:
    """The rows of list_eval_partition.txt; the last column is the split. Raises BadDataset where one is bad."""
    table = Table.open(path)
    table.require(*columns)
    for row in table.rows():
        row.require(len(columns))
        if row.fields[-1] not in splits:
            raise row.location.bad(f"the partition {row.fields[-1]!r} is unknown; known are {', '.join(splits)}")
        yield row


def _landmark(at: Location, visibility: str, x: str, y: str) -> Landmark:
    return Landmark(at.number(x), at.number(y), at.code(visibility, (VISIBLE, OCCLUDED, CUT_OFF), "visibility"))


def _before_landmarks(table: Table) -> int:
    """Number of columns before the landmarks: one benchmark has a column less than the others."""
    return 3 if "variation_type" in table.columns else 2
