"""Crops of labelled garments, decoded once and kept in memory-mapped files, so that one core can feed the training.

A stored crop shows more around the garment than the encoder's crop, so that shifts, rotations and scales drawn later
still show the photo. Both come from `seamline.core.image`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import crop_square, decode, square_box
from seamline.core.spec import CATEGORIES, LANDMARKS, PhotoSpec
from seamline.data.label_file import Label
from seamline.training.cache import fill_once, open_memmap
from seamline.training.progress import tracked

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SIDE = 288
MARGIN = 0.25
"""Around the box, as a share of its longer side: a garment's longer side then measures BOX_SIDE pixels."""

BOX_SIDE = SIDE / (1 + 2 * MARGIN)

ABSENT, PRESENT, UNSURE = 0, 1, -1
OCCLUDED = 2
"""State of a landmark that something hides, but whose place can be told."""
PLACED = 3
"""State of a landmark whose place is known, but not whether it is seen."""


@dataclasses.dataclass(frozen=True)
class CropStore:
    """N crops: pixels [N,S,S,3], masks [N,S,S] (255 = garment; all 0 where unknown), points [N,K,2] in crop pixels,
    state [N,K] (one of the above), trust [N] of the points, mask_trust [N], category [N], and their labels."""

    pixels: Bytes
    masks: Bytes
    points: Floats
    state: NDArray[np.int8]
    trust: Floats
    mask_trust: Floats
    category: NDArray[np.int8]
    labels: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.labels)


def build_store(labels: Sequence[Label], photos: Path, masks: Path, folder: Path) -> CropStore:
    """The store of these labels in `folder`; made there unless it is there already.

    `photos` and `masks`: folders that the labels' relative paths start from.
    """
    labels = tuple(labels)
    fill_once(folder, _key(labels), lambda: _fill(labels, photos, masks, folder))
    return _open(labels, folder)


def _key(labels: Sequence[Label]) -> str:
    digest = hashlib.sha256(json.dumps([SIDE, MARGIN, LANDMARKS]).encode())
    for label in labels:
        digest.update(label.to_line().encode())
    return digest.hexdigest()


def _fill(labels: Sequence[Label], photos: Path, masks: Path, folder: Path) -> None:
    pixels = open_memmap(folder / "pixels.npy", "w+", np.uint8, (len(labels), SIDE, SIDE, 3))
    silhouettes = open_memmap(folder / "masks.npy", "w+", np.uint8, (len(labels), SIDE, SIDE))
    for index, label in enumerate(tracked("crops", labels, len(labels))):
        photo = decode((photos / label.photo).read_bytes())
        fill = PhotoSpec().fill
        pixels[index] = crop_square(photo.rgb, np.array(label.box) / photo.scale, SIDE, MARGIN, fill)[0]
        if label.mask is not None:
            silhouettes[index] = _mask(masks / label.mask, label)
    pixels.flush()
    silhouettes.flush()


def _mask(path: Path, label: Label) -> Bytes:
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError(f"the mask {path} cannot be read")
    height, width = mask.shape
    box = np.array(label.box) * np.array([width / label.width, height / label.height] * 2)
    return crop_square(np.repeat(mask[..., None], 3, -1), box, SIDE, MARGIN, (0, 0, 0))[0][..., 0]


def _open(labels: tuple[Label, ...], folder: Path) -> CropStore:
    points = np.zeros((len(labels), len(LANDMARKS), 2), np.float32)
    state = np.zeros((len(labels), len(LANDMARKS)), np.int8)
    for index, label in enumerate(labels):
        points[index], state[index] = _points(label)
    return CropStore(
        np.load(folder / "pixels.npy", mmap_mode="r"),
        np.load(folder / "masks.npy", mmap_mode="r"),
        points,
        state,
        np.array([label.trust for label in labels], np.float32),
        np.array([label.box_trust if label.mask else 0.0 for label in labels], np.float32),
        np.array([CATEGORIES.index(label.category) for label in labels], np.int8),
        labels,
    )


def _points(label: Label) -> tuple[Floats, NDArray[np.int8]]:
    square = square_box(label.box, MARGIN)
    points = np.zeros((len(LANDMARKS), 2), np.float32)
    state = np.full(len(LANDMARKS), ABSENT, np.int8)
    for index, name in enumerate(LANDMARKS):
        point = label.points.get(name)
        if point is not None:
            points[index] = (np.array(point) - square[:2]) * SIDE / (square[2] - square[0])
            state[index] = PRESENT
        elif name in label.unsure:
            state[index] = UNSURE
    return points, state
