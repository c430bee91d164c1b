"""Vectors of detected garments by one system's networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from seamline.core.errors import BadOption
from seamline.core.garments import Detections, Embeddings
from seamline.evaluation.cache import Arrays, key_of, mapped, stored
from seamline.evaluation.code_key import code_key
from seamline.evaluation.detections import DetectedPhotos
from seamline.serving.weights import Weights
from seamline.systems import system_named

_BATCH = 8
_CODE = ("seamline.systems.psnet.steps", "seamline.systems.one_network", "seamline.serving.place_parts")
"""Modules that systems share which decide what vectors a crop has."""


def embed(sets: Mapping[str, DetectedPhotos], weights: Weights, cache: Path, processes: int) -> dict[str, Embeddings]:
    """Vectors of the garments of all sets that have crops; made before, they are read from `cache`.

    Raises BadOption where the weights take crops of another size.
    """
    return {name: _embedded(photos, weights, cache, processes) for name, photos in sets.items() if photos.cropped}


def _embedded(photos: DetectedPhotos, weights: Weights, cache: Path, processes: int) -> Embeddings:
    side = photos.garments.crops.shape[1]
    if weights.spec.crop.side != side:
        raise BadOption(f"the weights take crops of {weights.spec.crop.side} pixels, these have {side}")

    def make() -> Arrays:
        garments = photos.garments
        batches = [garments.rows(slice(start, start + _BATCH)) for start in range(0, len(garments), _BATCH)]
        made = list(mapped("vectors", _open, (weights,), batches or [garments], processes))
        return {name: value for name, value in vars(Embeddings.joined(made)).items() if value is not None}

    code = code_key(system_named(weights.spec.system).embedder.__module__, *_CODE)
    arrays = stored(cache, f"embeddings-{key_of(photos.key, weights.vector_key(), code)}", make)
    return Embeddings(
        arrays["vectors"].astype(np.float32), arrays["part_boxes"].astype(np.float32),
        arrays["part_visible"].astype(np.float32),
        arrays["landmarks"].astype(np.float32) if "landmarks" in arrays else None,
    )  # fmt: skip


def _open(weights: Weights) -> Callable[[Detections], Embeddings]:
    embedder = weights.open_embedder(threads=1)
    return lambda batch: embedder.embed(batch.crops, batch.squares, batch.categories)
