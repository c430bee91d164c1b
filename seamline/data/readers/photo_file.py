"""A dataset's photos: their size, and boxes and points that must lie in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from seamline.data.readers.bad_dataset import Location

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Landmark:
    """x and y in pixels, and visibility as the set numbers it."""

    x: float
    y: float
    visibility: int


SLACK = 1.0
"""Pixels that a box or point may lie outside its photo: the sets count the last pixel in or out. It is moved inside."""

_ORIENTATION = 0x0112


def photo_size(path: Path, at: Location) -> tuple[int, int]:
    """Width and height in pixels from the file's header.

    Raises BadDataset, at the place that names the photo, where the photo is missing, is no photo, or would be turned
    by its EXIF orientation: whether the annotations mean the turned photo is not known.
    """
    if not path.is_file():
        raise at.bad(f"the photo {path} is missing")
    try:
        with Image.open(path) as image:
            turned = _is_turned(image)
            size = image.size
    except Exception:  # decoders raise whatever a damaged header leads them to
        raise at.bad(f"{path} is not a photo that can be read") from None
    if turned:
        raise at.bad(f"the photo {path} has an EXIF orientation, and its annotations' orientation is not known")
    return size


def photo_path(folder: Path, name: str, at: Location) -> Path:
    """The photo of this name below `folder`. Raises BadDataset for a name that leads out of it."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise at.bad(f"the photo {name!r} is not named relative to {folder}")
    return folder / name


def box_inside(values: Sequence[float], size: tuple[int, int], at: Location) -> Box:
    """x0, y0, x1, y1 as a box in a photo of this size. Raises BadDataset where it is not one."""
    if len(values) != 4:
        raise at.bad(f"a box has 4 numbers, not {len(values)}")
    x0, y0, x1, y1 = values
    if x1 <= x0 or y1 <= y0:
        raise at.bad(f"the box {_text(values)} has no area")
    (x0, y0), (x1, y1) = point_inside((x0, y0), size, at, "box corner"), point_inside((x1, y1), size, at, "box corner")
    if x1 <= x0 or y1 <= y0:
        raise at.bad(f"the box {_text(values)} has no area in the photo")
    return x0, y0, x1, y1


def point_inside(point: tuple[float, float], size: tuple[int, int], at: Location, name: str) -> tuple[float, float]:
    """A point in a photo of this size. Raises BadDataset where it lies outside."""
    for value, length in zip(point, size, strict=True):
        if not -SLACK <= value <= length + SLACK:
            raise at.bad(f"the {name} {_text(point)} lies outside the photo, which has {size[0]} x {size[1]} pixels")
    return min(max(point[0], 0.0), float(size[0])), min(max(point[1], 0.0), float(size[1]))


def _is_turned(image: Image.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION, 1) not in (0, 1)
    except Exception:  # as in `seamline.core.image`: a malformed EXIF block means upright
        return False


def _text(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
