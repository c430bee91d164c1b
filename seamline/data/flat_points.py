"""Points of flat garments that were set by eye, `flat_landmarks.jsonl`: one garment a line, in place of the points that
a silhouette's outline gave. The eye may be a person's or a vision-language model's.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seamline.core.errors import BadOption
from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label, Point
from seamline.data.labelled_photo import is_labelled_photo

SET_BY_EYE = "set by eye"
"""The source of such labels."""

_DIGITS = re.compile(r"[0-9a-f]{16,64}")


@dataclasses.dataclass(frozen=True)
class _Row:
    """What a line says of a photo; `sha256`: the first digits of its file's."""

    sha256: str
    points: Mapping[str, Point]
    unsure: tuple[str, ...]


def with_points_set_by_eye(labels: Iterable[Label], file: Path, photos: Path) -> list[Label]:
    """The labels, those with points from `file` that it has a line for: `{"photo", "sha256", "points", "unsure"}`, with
    points in the photo's pixels, others being absent. A line of another photo of that name, by its SHA-256, does not
    count; how many do is said on standard error. Raises BadOption for a line that is none, with its number.
    """
    rows, found, used = _rows(file), [], 0
    for label in labels:
        row = rows.get(label.photo)
        if row is not None and is_labelled_photo(photos / label.photo, row.sha256):
            label = dataclasses.replace(label, points=row.points, unsure=row.unsure, trust=1.0, source=SET_BY_EYE)
            used += 1
        found.append(label)
    print(f"{file}: {used} of {len(rows)} labels are of these photos", file=sys.stderr, flush=True)
    return found


def _rows(file: Path) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            data = json.loads(line)
            found[str(data["photo"])] = _row(data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise BadOption(f"{file}, line {number} is no label of points: {reason}") from error
    return found


def _row(data: Mapping[str, Any]) -> _Row:
    """Raises KeyError, ValueError, TypeError or AttributeError for what is none."""
    if not _DIGITS.fullmatch(data["sha256"]):
        raise ValueError("sha256 should be at least the first 16 digits of the photo's SHA-256")
    points: dict[str, Point] = {name: (float(x), float(y)) for name, (x, y) in data["points"].items()}
    unsure = tuple(str(name) for name in data["unsure"])
    if unknown := {*points, *unsure} - set(LANDMARKS):
        raise ValueError(f"{min(unknown)} is no landmark")
    return _Row(data["sha256"], points, unsure)
