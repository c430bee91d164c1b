"""Vectors of seen garments by one set of weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption
from seamline.core.spec import REGIONS
from seamline.evaluation.cache import Arrays, key_of, stored
from seamline.evaluation.detections import Seen
from seamline.evaluation.weights import Weights
from seamline.evaluation.work import mapped
from seamline.serving.local_pipeline import Described, Describer

Floats = NDArray[np.float32]

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class Vectors:
    """n garments: regions (n, 5, D), unit length or zero; whole (n, C), the mean of the encoder's map; stripes
    (n, 5, C), its means in five horizontal stripes; region_boxes (n, 5, 4) in the photo's pixels and which there are
    (n, 5). `whole` and `stripes` have unit length."""

    regions: Floats
    whole: Floats
    stripes: Floats
    region_boxes: Floats
    region_visible: Floats

    def __len__(self) -> int:
        return len(self.regions)


def describe(seen: Seen, weights: Weights, cache: Path, processes: int) -> Vectors:
    """Vectors of the garments; made before by the same networks, they are read from `cache`.

    Raises BadOption where the weights take crops of another size.
    """
    if weights.spec.crop.side != seen.side:
        raise BadOption(f"the weights take crops of {weights.spec.crop.side} pixels, these have {seen.side}")
    name = f"vectors-{key_of(seen.key, weights.vector_key(), 'v1')}"
    arrays = stored(cache, name, lambda: _described(seen, weights, processes))
    return Vectors(**{field.name: arrays[field.name].astype(np.float32) for field in dataclasses.fields(Vectors)})


def joined(parts: Sequence[Vectors]) -> Vectors:
    """Garments of several sets in their order."""
    names = [field.name for field in dataclasses.fields(Vectors)]
    return Vectors(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def ensemble(members: Sequence[Vectors]) -> Vectors:
    """Several models' vectors side by side: a cosine of the result is the mean of the models' cosines.

    PS-Net's ensemble (Lang et al., CVPR 2020, Table 3) averages five models. Boxes are the first model's.
    """
    regions, whole, stripes = (
        unit(np.concatenate([getattr(member, name) for member in members], -1))
        for name in ("regions", "whole", "stripes")
    )
    return Vectors(regions, whole, stripes, members[0].region_boxes, members[0].region_visible)


def unit(vectors: Floats) -> Floats:
    """Vectors (..., D) scaled to unit length; zeros stay."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float32)


def _described(seen: Seen, weights: Weights, processes: int) -> Arrays:
    starts = range(0, len(seen), _BATCH)
    parts = list(mapped("region vectors", _describe, starts, processes, _open, (seen, weights)))
    return dataclasses.asdict(joined(parts)) if parts else dataclasses.asdict(_none(weights))


def _none(weights: Weights) -> Vectors:
    channels, dimension = weights.spec.encoder.channels, weights.spec.encoder.dimension
    shapes = (0, 5, dimension), (0, channels), (0, 5, channels), (0, 5, 4), (0, 5)
    return Vectors(*(np.zeros(shape, np.float32) for shape in shapes))


_state: tuple[Seen, Describer] | None = None


def _open(seen: Seen, weights: Weights) -> None:
    global _state  # one set of networks per process
    _state = seen, Describer(weights, threads=1)


def _describe(start: int) -> Vectors:
    assert _state is not None
    seen, describer = _state
    rows = slice(start, start + _BATCH)
    found = describer.describe(np.asarray(seen.crops[rows]), seen.squares[rows], seen.category[rows])
    return _vectors(found)


def _vectors(found: Described) -> Vectors:
    stripes = [part.mean(axis=(2, 3)) for part in np.array_split(found.features, len(REGIONS), axis=2)]
    return Vectors(
        found.embedding, unit(found.features.mean(axis=(2, 3))), unit(np.stack(stripes, 1)), found.region_boxes,
        found.region_visible,
    )  # fmt: skip
