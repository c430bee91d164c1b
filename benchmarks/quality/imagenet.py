"""Untrained vectors: EfficientNet-Lite0 as ImageNet left it, over the crop, the five regions and the whole photo.

The last map is linear, and a few channels that are large everywhere would decide every cosine. So the catalogue's mean
is taken away from all vectors, which an index can do without training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.quality.comparing import unit
from seamline.core.garments import Embeddings
from seamline.core.image import decode, letterbox
from seamline.core.spec import CropSpec, PhotoSpec
from seamline.evaluation.cache import key_of, stored, tracked
from seamline.evaluation.detections import DetectedPhotos
from seamline.nn.backbone import LEVEL_CHANNELS, Lite0, load_imagenet, normalise
from seamline.serving.place_parts import points_in_crop
from seamline.systems.psnet.regions import roi_align

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_BATCH = 16
_CHANNELS = LEVEL_CHANNELS[-1]
_BIN = 4
"""A region is averaged over that many bins a side."""


class ImageNet:
    """Crops (n, 224, 224, 3) -> the last map (n, 192, 7, 7)."""

    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        self._backbone = Lite0()
        load_imagenet(self._backbone)
        self._backbone.eval()

    def __call__(self, crops: Pixels) -> Floats:
        with torch.inference_mode():
            last: Floats = self._backbone(normalise(torch.from_numpy(crops)))[-1].numpy()
        return last


def crop_vectors(
    parts: Sequence[DetectedPhotos], embedded: Sequence[Embeddings], cache: Path, threads: int
) -> tuple[Floats, Floats]:
    """Untrained unit vectors of the garments: the last map's mean (n, 192), and its means (n, P, 192) in the boxes of
    the trained regions, zeros where one is absent."""
    found = [_of_crops(*pair, cache, threads) for pair in zip(parts, embedded, strict=True)]
    return centred([one["whole"] for one in found]), centred([one["regions"] for one in found])


def centred(parts: Sequence[Floats]) -> Floats:
    """Unit vectors (n, ..., D) of several parts, side by side, less the mean of the first part; zeros stay zeros."""
    present = parts[0].any(-1, keepdims=True)
    mean = parts[0].sum(0) / np.maximum(present.sum(0), 1)
    every = np.concatenate(parts)
    return unit((every - mean) * every.any(-1, keepdims=True))


def _of_crops(seen: DetectedPhotos, embedded: Embeddings, cache: Path, threads: int) -> dict[str, Floats]:
    key = key_of(seen.key, hashlib.sha256(embedded.part_boxes.tobytes()).hexdigest(), _BIN, "v1")
    arrays = stored(cache, f"imagenet-crops-{key}", lambda: _compute(seen, embedded, threads))
    return {name: np.asarray(values, np.float32) for name, values in arrays.items()}


def _compute(seen: DetectedPhotos, embedded: Embeddings, threads: int) -> dict[str, Floats]:
    network, crops = ImageNet(threads), seen.garments.crops
    whole, regions = [], []
    for row, features in enumerate(_maps(network, lambda row: crops[row], len(seen), "ImageNet vectors of the crops")):
        whole.append(features.mean((1, 2)))
        boxes = _in_crop(embedded.part_boxes[row], seen.garments.squares[row], seen.garments.crops.shape[1])
        pooled = roi_align(features, boxes, _BIN, seen.garments.crops.shape[1] / features.shape[-1]).mean((2, 3))
        regions.append(pooled * (embedded.part_visible[row] > 0)[:, None])
    return {
        "whole": unit(np.array(whole, np.float32).reshape(-1, _CHANNELS)),
        "regions": unit(np.array(regions, np.float32).reshape(len(seen), embedded.part_boxes.shape[1], _CHANNELS)),
    }


def _in_crop(boxes: Floats, square: Floats, side: int) -> Floats:
    """Boxes (P, 4) of the photo in a crop, of a turned one the boxes around them."""
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(1, -1, 2)
    found = points_in_crop(corners, square[None], side).reshape(len(boxes), 4, 2)
    return np.concatenate([found.min(1), found.max(1)], -1)


def photo_vectors(parts: Sequence[DetectedPhotos], cache: Path, threads: int) -> Floats:
    """Untrained unit vectors (P, 192) of whole photos, of those of the gallery and then of the copies."""
    return centred([_of_photos(seen, cache, threads) for seen in parts])


def _of_photos(seen: DetectedPhotos, cache: Path, threads: int) -> Floats:
    def compute() -> dict[str, Floats]:
        maps = _maps(
            ImageNet(threads), lambda row: _photo(seen.files[row]), len(seen.files), "ImageNet vectors of photos"
        )
        return {"whole": unit(np.array([features.mean((1, 2)) for features in maps], np.float32))}

    return np.asarray(stored(cache, f"imagenet-photos-{key_of(seen.key, 'v1')}", compute)["whole"], np.float32)


def _photo(file: Path) -> Pixels:
    side = CropSpec().side
    return letterbox(decode(file.read_bytes(), 2 * side).rgb, side, PhotoSpec().fill)[0]


def _maps(network: ImageNet, crop: Callable[[int], Pixels], count: int, what: str) -> Iterator[Floats]:
    def every() -> Iterator[Floats]:
        for start in range(0, count, _BATCH):
            yield from network(np.stack([crop(row) for row in range(start, min(start + _BATCH, count))]))

    yield from tracked(what, every(), count)
