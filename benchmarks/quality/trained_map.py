"""Baselines on the default system's map: one vector of a whole crop, and five horizontal stripes (PCB)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality.comparing import unit
from seamline.core.garments import Floats
from seamline.evaluation.cache import key_of, stored, tracked
from seamline.evaluation.detections import DetectedPhotos
from seamline.serving.onnx_network import OnnxNetwork
from seamline.serving.weights import Weights
from seamline.systems.psnet.spec import PSNetSpec

STRIPES = 5

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class MapVectors:
    """Means of the encoder's map of n garments, of unit length: whole (n, C), and stripes (n, STRIPES, C)."""

    whole: Floats
    stripes: Floats


def map_vectors(parts: Sequence[DetectedPhotos], weights: Weights, cache: Path, threads: int) -> MapVectors:
    """Of all garments of the parts; computed before, they are read from `cache`."""
    found = [_of(photos, weights, cache, threads) for photos in parts]
    return MapVectors(np.concatenate([one.whole for one in found]), np.concatenate([one.stripes for one in found]))


def _of(photos: DetectedPhotos, weights: Weights, cache: Path, threads: int) -> MapVectors:
    key = key_of(photos.key, weights.vector_key(), STRIPES)
    arrays = stored(cache, f"map-{key}", lambda: dataclasses.asdict(_compute(photos, weights, threads)))
    return MapVectors(arrays["whole"].astype(np.float32), arrays["stripes"].astype(np.float32))


def _compute(photos: DetectedPhotos, weights: Weights, threads: int) -> MapVectors:
    encoder, crops = OnnxNetwork(weights.networks["encoder"], threads), photos.garments.crops
    channels = PSNetSpec.of(weights.spec).encoder.channels
    whole, stripes = [np.zeros((0, channels), np.float32)], [np.zeros((0, STRIPES, channels), np.float32)]
    starts = range(0, len(photos), _BATCH)
    for start in tracked("maps", starts, len(starts)):
        features = encoder({"CROPS": crops[start : start + _BATCH]})["FEATURES"]
        bands = [band.mean(axis=(2, 3)) for band in np.array_split(features, STRIPES, axis=2)]
        whole.append(unit(features.mean(axis=(2, 3))))
        stripes.append(unit(np.stack(bands, 1)))
    return MapVectors(np.concatenate(whole), np.concatenate(stripes))
