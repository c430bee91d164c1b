"""Photos about which something is known: points set by hand, silhouettes, street garments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import cv2

from seamline.data.label_file import Label
from seamline.data.landmark_labels import label_photo
from seamline.data.street import TRAINING_PHOTOS
from seamline.evaluation.cache import mapped
from seamline.evaluation.photos import Annotated, Options

LEAST_TRUST = 0.7
"""How far points and silhouette of a photo must be believed for copies to be made of it."""


def annotated(photos: Path) -> list[Annotated]:
    """The photos of `landmarks.json`; none where there is no such file."""
    return [
        Annotated(
            entry["file"],
            tuple(entry["bbox"]),
            {name: point and (point[0], point[1]) for name, point in entry["points"].items()},
        )
        for entry in _points_set_by_hand(photos / "landmarks.json")
    ]


def _points_set_by_hand(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def held_out(options: Options, names: Iterable[str], least_trust: float = 0.5) -> list[Label]:
    """Labels of the validation photos among `names` with a trusted silhouette; segmentations are kept in the cache."""
    validation = [name for name in names if "/validation/" in name]
    found = mapped("silhouettes", _labeller, (options.photos, options.cache), validation, options.processes)
    return [label for label in found if label is not None and label.box_trust >= least_trust]


def _labeller(photos: Path, cache: Path) -> Callable[[str], Label | None]:
    cv2.setNumThreads(1)  # each process has a core of its own
    return partial(label_photo, photos, cache)


def trusted(labels: Iterable[Label]) -> list[Label]:
    """The labels whose points and silhouette are good enough to make copies of."""
    return [label for label in labels if min(label.trust, label.box_trust) >= LEAST_TRUST]


def street_photos(photos: Path) -> tuple[Path, ...]:
    """Street photos that no network was trained on."""
    files = sorted((photos / "street" / "images").glob("*.jpg"))
    return tuple(file for file in files if int(file.stem) > TRAINING_PHOTOS)
