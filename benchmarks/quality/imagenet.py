"""Untrained vectors: EfficientNet-Lite0 as ImageNet left it, over the crop, its grid, the five regions and the whole
photo.

The last map is linear, and a few channels that are large everywhere would decide every cosine. So the catalogue's mean
is taken away from all vectors, which an index can do without training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.quality.comparing import unit
from benchmarks.quality.whitened_grid import grid, half_whitened
from seamline.core.garments import Embeddings
from seamline.core.image import decode, letterbox
from seamline.core.spec import CropSpec, PhotoSpec, Spec
from seamline.evaluation.cache import key_of, stored, tracked
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.detections import DetectedPhotos
from seamline.nn.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0, load_imagenet, normalise
from seamline.serving.place_parts import points_in_crop
from seamline.systems.psnet.regions import roi_align

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_BATCH = 16
_CHANNELS = LEVEL_CHANNELS[-1]
_STRIDE = LEVEL_STRIDES[-1]
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


def crop_vectors(parts: Sequence[DetectedPhotos], cache: Path, threads: int) -> Floats:
    """Untrained unit vectors (n, 192) of the garments: the last map's mean."""
    return centred([unit(_crop_maps(seen, cache, threads).mean((2, 3))) for seen in parts])


def region_vectors(
    parts: Sequence[DetectedPhotos], embedded: Sequence[Embeddings], spec: Spec, cache: Path, threads: int
) -> Floats:
    """The last map's means (n, P, 192) in the boxes of the trained regions, zeros where one is absent, and of a part
    that is no region."""
    pairs = zip(parts, embedded, strict=True)
    return centred([_in_regions(_crop_maps(seen, cache, threads), seen, of, spec) for seen, of in pairs])


def grid_vectors(parts: Sequence[DetectedPhotos], gallery: int, cache: Path, threads: int) -> Floats:
    """Whitened grids (n, 256) of the garments; `gallery`: so many parts, the first ones, say how to whiten."""
    grids = [grid(_crop_maps(seen, cache, threads)) for seen in parts]
    return half_whitened(np.concatenate(grids[:gallery]), grids[gallery:])


def centred(parts: Sequence[Floats]) -> Floats:
    """Unit vectors (n, ..., D) of several parts, side by side, less the mean of the first part; zeros stay zeros."""
    present = parts[0].any(-1, keepdims=True)
    mean = parts[0].sum(0) / np.maximum(present.sum(0), 1)
    every = np.concatenate(parts)
    return unit((every - mean) * every.any(-1, keepdims=True))


def _crop_maps(seen: DetectedPhotos, cache: Path, threads: int) -> Floats:
    """The last maps (n, 192, 7, 7) of the crops."""

    def compute() -> dict[str, NDArray[np.float16]]:
        crops = seen.garments.crops
        side = CropSpec().side // _STRIDE
        maps = np.zeros((len(seen), _CHANNELS, side, side), np.float16)  # at once: small pieces would scatter the heap
        found = _maps(ImageNet(threads), lambda row: crops[row], len(seen), "ImageNet maps of the crops")
        for row, one in enumerate(found):
            maps[row] = one
        return {"maps": maps}

    return stored(cache, f"imagenet-maps-{key_of(seen.key, 'v1')}", compute)["maps"].astype(np.float32)


def _in_regions(maps: Floats, seen: DetectedPhotos, embedded: Embeddings, spec: Spec) -> Floats:
    regions = np.zeros((len(seen), len(spec.parts), _CHANNELS), np.float32)
    side, places = seen.garments.crops.shape[1], list(places_of_copy_parts(spec))
    for row, features in enumerate(maps):
        boxes = _in_crop(embedded.part_boxes[row, places], seen.garments.squares[row], side)
        pooled = roi_align(features, boxes, _BIN, side / features.shape[-1]).mean((2, 3))
        regions[row, places] = pooled * (embedded.part_visible[row, places] > 0)[:, None]
    return unit(regions)


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
