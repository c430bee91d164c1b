"""Points of flat garments that were set by eye, `flat_landmarks.jsonl`: one garment a line, in place of the points that
a silhouette's outline gave."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seamline.core.errors import BadOption
from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label

SET_BY_EYE = "set by eye"
"""The source of such labels."""


def with_points_set_by_eye(labels: Iterable[Label], file: Path, photos: Path) -> list[Label]:
    """The labels, those with points from `file` that it has a line for: `{"photo", "sha256", "points", "unsure"}`, with
    points in the photo's pixels as in a label file. A line of another photo of that name, by its SHA-256, does not
    count. Raises BadOption for a line that is none, with its number.
    """
    rows = _rows(file)
    return [_placed(label, rows[label.photo], photos) if label.photo in rows else label for label in labels]


def _rows(file: Path) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            unknown = {*row["points"], *row["unsure"]} - set(LANDMARKS)
            found[str(row["photo"])] = {**row, "sha256": str(row["sha256"])}
        except (ValueError, KeyError, TypeError) as error:
            raise BadOption(f"{file}, line {number} is no label of points: {error}") from error
        if unknown:
            raise BadOption(f"{file}, line {number}: {min(unknown)} is no landmark")
    return found


def _placed(label: Label, row: Mapping[str, Any], photos: Path) -> Label:
    digest = hashlib.sha256((photos / label.photo).read_bytes()).hexdigest()
    if not digest.startswith(row["sha256"]):
        return label
    points = {name: point and (float(point[0]), float(point[1])) for name, point in row["points"].items()}
    return dataclasses.replace(label, points=points, unsure=tuple(row["unsure"]), trust=1.0, source=SET_BY_EYE)
