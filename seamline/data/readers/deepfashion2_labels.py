"""DeepFashion2's garments as labels: 22 of its landmarks, masks from its polygons, and the product they show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.label_file import Label
from seamline.data.readers.bad_dataset import Location, accepted
from seamline.data.readers.deepfashion2 import (
    NOT_LABELLED,
    VISIBLE,
    Annotation,
    Item,
    annotation_files,
    read_annotation,
)
from seamline.data.readers.deepfashion2_layout import label_points, landmark_indices
from seamline.data.readers.photo_file import Landmark
from seamline.data.readers.request import Request
from seamline.data.readers.sides import Point, exchanged, is_reversed

SOURCE = "deepfashion2"

_NECK, _FRONT_TOP, _RIGHT_NECK, _RIGHT_FRONT_TOP = 2, 4, 6, 26
_FRACTION_BITS = 4
"""OpenCV's polygon corners are whole numbers; this many of their bits stand for parts of a pixel."""


def labels(request: Request) -> Iterator[Label]:
    """The labels of a split, photo by photo; masks are written on the way. Raises BadDataset as `request` wants."""
    for found in accepted(
        annotation_files(request.folder, request.split), lambda file: _photo(file, request), request.report
    ):
        yield from found


def _photo(file: Path, request: Request) -> list[Label]:
    annotation = read_annotation(file)
    return [to_label(annotation, item, request) for item in annotation.items]


def to_label(annotation: Annotation, item: Item, request: Request) -> Label:
    """One garment's label; its mask is written below `request.out`."""
    points, unsure = label_points(item.category, known_points(item, request.keep_occluded))
    mask = None
    if item.polygons:
        mask = f"masks/{request.split}/{annotation.photo.stem}-{item.key}.png"
        _write(
            mask_of(item, annotation.width, annotation.height, Location(annotation.file, item.key)), request.out / mask
        )
    return Label(
        annotation.photo.relative_to(request.folder).as_posix(), annotation.width, annotation.height, item.box,
        item.category, points, SOURCE, mask, unsure=unsure, item=product(annotation.pair_id, item.style),
    )  # fmt: skip


def product(pair_id: int, style: int) -> str | None:
    """Names what a garment shows: equal for garments of equal pair and style; None where the style has no pair."""
    return f"{SOURCE}/{pair_id}/{style}" if style > 0 else None


def known_points(item: Item, keep_occluded: bool) -> dict[str, Point]:
    """Those of our landmarks whose place is annotated, with left and right as the picture shows them."""
    landmarks = _corrected(item)
    placed: dict[str, Point] = {}
    seen = set()
    for name, numbers in landmark_indices(item.category).items():
        parts = [landmarks[number - 1] for number in numbers]
        if all(part.visibility != NOT_LABELLED for part in parts):
            placed[name] = sum(part.x for part in parts) / len(parts), sum(part.y for part in parts) / len(parts)
        if all(part.visibility == VISIBLE for part in parts):
            seen.add(name)
    kept = {name: point for name, point in placed.items() if keep_occluded or name in seen}
    return exchanged(kept) if is_reversed(placed) else kept


def _corrected(item: Item) -> tuple[Landmark, ...]:
    """Landmarks with the corner of the neck at 2 and the top of the front edge at 4.

    For short sleeve outwear the published figure and the published evaluation constants disagree about which is
    which; the corner of the neck is the one further out from the other side.
    """
    landmarks = item.landmarks
    if item.category != "short sleeve outwear":
        return landmarks
    first, second = landmarks[_NECK - 1], landmarks[_FRONT_TOP - 1]
    other = [landmarks[number - 1] for number in (_RIGHT_NECK, _RIGHT_FRONT_TOP)]
    across = next((mark.x for mark in other if mark.visibility != NOT_LABELLED), None)
    if across is None or NOT_LABELLED in (first.visibility, second.visibility):
        return landmarks
    if abs(second.x - across) > abs(first.x - across):
        first, second = second, first
    return (landmarks[0], first, landmarks[2], second, *landmarks[4:])


def mask_of(item: Item, width: int, height: int, at: Location) -> NDArray[np.uint8]:
    """HxW, 255 on the garment: the union of its polygons, with the pixels that their outlines touch.

    Raises BadDataset where they cover no pixel.
    """
    mask = np.zeros((height, width), np.uint8)
    for polygon in item.polygons:
        corners = np.round((np.array(polygon) - 0.5) * 2**_FRACTION_BITS).astype(np.int32)
        cv2.fillPoly(mask, [corners], (255,), shift=_FRACTION_BITS)
    if not mask.any():
        raise at.bad("the polygons cover no pixel")
    return mask


def _write(mask: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), mask):
        raise OSError(f"the mask {path} cannot be written")
