"""Landmarks that were set by hand on the garments of street photos, `street_landmarks.jsonl`: one garment a line.

A point is seen, hidden by hair, a bag or an arm though its place can be told, or absent: it does not exist, or cannot
be told. The garment's mask is that of its name in the photo's pixel labels.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from seamline.core.errors import NotFound
from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Point
from seamline.data.labelled_photo import is_labelled_photo
from seamline.data.pixel_labels import read_pixel_labels
from seamline.data.street import Labels, Mask, garments, read_names

FILE = "street_landmarks.jsonl"
TRAIN, DEVELOPMENT = "train", "dev"
"""Parts of the file: to learn from, and for figures only."""

ABSENT, HIDDEN, SEEN = 0, 1, 2
"""What `visible` says of a point."""

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class WornGarment:
    """One garment on a person. `file`: its photo, relative to the folder of photos; `line`: of the label, from 1.

    `category`: of DeepFashion2, read from the pixel labels. `box`, `points`: in the photo's `width` x `height` pixels;
    a point is None exactly where `visible` is ABSENT. All landmarks of tops and dresses are named.
    """

    photos: Path
    file: str
    line: int
    part: str
    label: str
    category: str
    width: int
    height: int
    box: Box
    points: Mapping[str, Point | None]
    visible: Mapping[str, int]
    pose: str
    quality: str

    @property
    def photo(self) -> Path:
        """The photo's file."""
        return self.photos / self.file

    @property
    def labels_file(self) -> Path:
        """The file of the photo's pixel labels."""
        return _labels_file(self.photos, self.file)

    def seen(self) -> dict[str, Point]:
        """The points that are seen."""
        return {name: point for name, point in self.points.items() if point and self.visible[name] == SEEN}

    def mask(self) -> Mask:
        """The garment's pixels, (height, width)."""
        names = read_names(self.photos / "street" / "label_names.txt")
        return read_pixel_labels(self.labels_file, (self.width, self.height)) == names[self.label]


@dataclasses.dataclass(frozen=True)
class WornGarments:
    """The garments of a file, and one sentence, with file and line, for each that is left out."""

    garments: tuple[WornGarment, ...]
    refused: tuple[str, ...]

    def of(self, part: str) -> tuple[WornGarment, ...]:
        """Those of one part of the file."""
        return tuple(garment for garment in self.garments if garment.part == part)


def read_street_landmarks(photos: Path, file: Path | None = None) -> WornGarments:
    """The garments of PHOTOS/street_landmarks.jsonl, or of another `file` of that form whose photos lie in `photos`.
    Raises NotFound where there is no such file.

    A line is left out where it is no label, its photo or pixel labels are missing or of different sizes, a point or
    the box lies outside the photo, no pixel has the garment's name, or the photo's SHA-256 does not begin with the
    `sha256` that the line may name.
    """
    path = photos / FILE if file is None else file
    if not path.is_file():
        advice = f"; name the folder that holds {FILE} and street/" if file is None else ""
        raise NotFound(f"there is no {path}{advice}")
    names = read_names(photos / "street" / "label_names.txt")
    found: list[WornGarment] = []
    refused: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(_garment(photos, number, json.loads(line), names))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            refused.append(f"{path}, line {number}: {reason}")
    return WornGarments(tuple(found), tuple(refused))


def _garment(photos: Path, number: int, entry: Mapping[str, Any], names: Mapping[str, int]) -> WornGarment:
    """Raises ValueError, KeyError, TypeError, AttributeError or OSError for what is no label."""
    file, label = str(entry["file"]), str(entry["label"])
    if "sha256" in entry and not is_labelled_photo(photos / file, entry["sha256"]):
        raise ValueError(f"{file} is another photo than the one that was labelled")
    with Image.open(photos / file) as image:
        width, height = image.size
    labels = read_pixel_labels(_labels_file(photos, file), (width, height))
    x0, y0, x1, y1 = (float(value) for value in entry["bbox"])
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise ValueError(f"the box {entry['bbox']} of {file} is empty or not inside the photo")
    points, visible = _points(entry, (width, height))
    return WornGarment(
        photos, file, number, str(entry["part"]), label, _category(labels, names, label), width, height,
        (x0, y0, x1, y1), points, visible, str(entry.get("pose", "")), str(entry.get("quality", "")),
    )  # fmt: skip


def _points(entry: Mapping[str, Any], size: tuple[int, int]) -> tuple[dict[str, Point | None], dict[str, int]]:
    points: dict[str, Point | None] = {}
    visible = {str(name): int(value) for name, value in entry["visible"].items()}
    for name, value in entry["points"].items():
        point = None if value is None else (float(value[0]), float(value[1]))
        if name not in LANDMARKS or visible[name] not in (ABSENT, HIDDEN, SEEN):
            raise ValueError(f"{name} is no landmark, or visible is not 0, 1 or 2")
        if (point is None) != (visible[name] == ABSENT):
            raise ValueError(f"{name} is visible {visible[name]} and its point is {value}")
        if point and not (0 <= point[0] <= size[0] and 0 <= point[1] <= size[1]):
            raise ValueError(f"the point {name} {value} lies outside the photo of {size[0]} x {size[1]} pixels")
        points[name] = point
    return points, visible


def _category(labels: Labels, names: Mapping[str, int], label: str) -> str:
    if label not in names or not (labels == names[label]).any():
        raise ValueError(f"no pixel of the photo is labelled {label!r}, so its mask is empty")
    found = {garment.name: garment.category for garment in garments(labels, names)}
    if label not in found:
        raise ValueError(f"{label!r} is no garment of a known category, or shows on too few pixels")
    return found[label]


def _labels_file(photos: Path, file: str) -> Path:
    return photos / "street" / "labels" / f"{Path(file).stem}.png"
