"""What DeepFashion's three benchmarks with boxes and landmarks share (Liu et al., CVPR 2016): joining their lists.

Of the joined lists only the chosen split is kept in memory; landmarks are read row by row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from seamline.data.readers.bad_dataset import BadDataset, Report, accepted
from seamline.data.readers.deepfashion_lists import (
    FOLDERS,
    LANDMARKS,
    VISIBLE,
    BoxRow,
    LandmarkRow,
    box_row,
    box_table,
    landmark_row,
    landmark_table,
)
from seamline.data.readers.deepfashion_table import Row
from seamline.data.readers.kinds import Sleeve
from seamline.data.readers.photo_file import Box, Landmark, box_inside, photo_path, photo_size, point_inside
from seamline.data.readers.text import find

_PHOTO_FOLDERS = ("Img", ".")


@dataclasses.dataclass(frozen=True)
class Entry:
    """What a benchmark's other files say about a photo. `item`: its product; `words`: what names its kind; `sleeve`:
    None where no file tells."""

    item: str | None = None
    words: str = ""
    sleeve: Sleeve | None = None


@dataclasses.dataclass(frozen=True)
class Garment:
    """One photo of a benchmark and its garment. `photo`: relative to the set's folder. `view` and `variation`: as in
    BoxRow and LandmarkRow. `landmarks`: by their names in LANDMARKS."""

    photo: str
    width: int
    height: int
    clothes_type: int
    view: int | None
    variation: int | None
    box: Box
    landmarks: Mapping[str, Landmark]
    entry: Entry


def garments(
    folder: Path, boxes: str, landmarks: str, entries: Mapping[str, Entry], report: Report
) -> Iterator[Garment]:
    """The garments of the photos in `entries`, in the order of the list of landmarks.

    `boxes`, `landmarks`: names of the lists. Raises BadDataset where a list is not as published, as `report` wants
    where a row is not; at the end where a photo of `entries` has no landmarks.
    """
    photos = find_photos(folder)
    boxed = box_table(find(folder, boxes, FOLDERS))
    known = {row.fields[0]: row for row in boxed.rows() if row.fields[0] in entries}
    table = landmark_table(find(folder, landmarks, FOLDERS))
    missing = set(entries)

    def join(row: Row) -> Garment | None:
        if row.fields[0] not in entries:
            return None
        missing.discard(row.fields[0])
        found = landmark_row(table, row)
        if found.photo not in known:
            raise found.location.bad(f"{found.photo} has no row in {boxes}")
        return _garment(folder, photos, box_row(boxed, known[found.photo]), found, entries[found.photo])

    yield from accepted(table.rows(), join, report)
    for photo in sorted(missing):
        report(BadDataset(table.path, None, f"{photo} has no row"))


def find_photos(folder: Path) -> Path:
    """The folder that photo names start from: the one that holds `img`. Raises BadDataset where there is none."""
    found = next((folder / place for place in _PHOTO_FOLDERS if (folder / place / "img").is_dir()), None)
    if found is None:
        raise BadDataset(folder / "Img" / "img", None, "the folder of photos is missing")
    return found


def _garment(folder: Path, photos: Path, boxed: BoxRow, row: LandmarkRow, entry: Entry) -> Garment:
    if boxed.clothes_type not in (None, row.clothes_type):
        raise row.location.bad(
            f"{row.photo} has clothes type {row.clothes_type} here, but {boxed.clothes_type} in {boxed.location.path}"
        )
    path = photo_path(photos, row.photo, row.location)
    size = photo_size(path, row.location)
    names = LANDMARKS[row.clothes_type]
    landmarks = dict(zip(names, (_inside(mark, size, row) for mark in row.landmarks), strict=True))
    return Garment(
        path.relative_to(folder).as_posix(), *size, row.clothes_type, boxed.view, row.variation,
        box_inside(boxed.box, size, boxed.location), landmarks, entry,
    )  # fmt: skip


def _inside(mark: Landmark, size: tuple[int, int], row: LandmarkRow) -> Landmark:
    if mark.visibility != VISIBLE:
        return mark
    x, y = point_inside((mark.x, mark.y), size, row.location, "visible landmark")
    return Landmark(x, y, mark.visibility)
