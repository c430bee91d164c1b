"""Whether two forms of a network compute the same: PyTorch and ONNX, fp32 and fp16, ONNX and a TensorRT engine.

The reference is what was trained, the candidate is what would be served. Differences are counted per output and batch;
what a caller can see of them is the cosine of part vectors and the distance of landmarks in pixels of the crop.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.exporting.networks import Array
from seamline.systems.base import ExportedNetwork, Run

BATCHES = (1, 2, 5, 16)

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """How far a candidate may be from its reference.

    `relative`: largest difference of an output as a share of the output's largest value; `cosine`: the smallest of any
    part vector; `landmark`: the largest distance in crop pixels of any landmark that counts; `alone`: the share of
    parts that only one of the two sees, because a confidence or a box lies on a threshold.
    """

    relative: float
    cosine: float
    landmark: float
    alone: float


FP32 = Tolerance(relative=2e-3, cosine=0.9999, landmark=0.1, alone=0.0)
"""float32 sums in another order."""

FP16 = Tolerance(relative=2e-2, cosine=0.999, landmark=0.5, alone=0.01)
"""Eleven bits of mantissa, which parts and landmarks must not show."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """Of one output at one batch: largest and mean, absolute and as shares of the largest and mean value."""

    output: str
    batch: int
    largest: float
    mean: float
    relative: float
    mean_relative: float

    @classmethod
    def of(cls, output: str, batch: int, reference: Array, candidate: Array) -> Difference:
        """Between two arrays; everything is infinite where their shapes differ."""
        if reference.shape != candidate.shape:
            return cls(output, batch, math.inf, math.inf, math.inf, math.inf)
        wanted, found = reference.astype(np.float64), candidate.astype(np.float64)
        gap, size = np.abs(found - wanted), np.abs(wanted)
        largest, mean = float(gap.max(initial=0)), float(gap.mean()) if gap.size else 0.0
        scale, typical = max(float(size.max(initial=0)), _TINY), max(float(size.mean()) if size.size else 0.0, _TINY)
        return cls(output, batch, largest, mean, largest / scale, mean / typical)


@dataclasses.dataclass(frozen=True)
class Spread:
    """The worst and the mean of what was measured, over `count` values."""

    worst: float
    mean: float
    count: int


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What a candidate was found to do differently.

    `photos`: how many real photos it rests on, 0 for random inputs; `cosine`: of the parts that both see, None where
    the network gives no vectors; `alone`: how many parts only one of them sees; `landmarks`: distances in crop pixels
    of the landmarks that count; `judged_by_outputs`: whether the outputs' differences are held against the tolerance,
    or only what they mean.
    """

    network: str
    photos: int
    differences: tuple[Difference, ...]
    cosine: Spread | None = None
    alone: int = 0
    landmarks: Spread | None = None
    judged_by_outputs: bool = True

    def refusals(self, tolerance: Tolerance) -> list[str]:
        """One sentence for each figure that is over the tolerance; NaN is over any."""
        found = [
            f"{one.output} differs by {one.relative:.2g} of its largest value at batch {one.batch}, "
            f"{tolerance.relative:g} is allowed"
            for one in self.worst
            if self.judged_by_outputs and not one.relative <= tolerance.relative
        ]
        if self.cosine is not None and not self.cosine.worst >= tolerance.cosine:
            found.append(f"a part vector has the cosine {self.cosine.worst:.6f}, {tolerance.cosine:g} is needed")
        if self.alone > tolerance.alone * self.parts:
            found.append(f"{self.alone} of {self.parts} parts are seen by one of the two only")
        if self.landmarks is not None and not self.landmarks.worst <= tolerance.landmark:
            found.append(f"a landmark moves by {self.landmarks.worst:.3g} pixels, {tolerance.landmark:g} are allowed")
        return found

    @property
    def worst(self) -> list[Difference]:
        """Of each output the batch at which it differs most."""
        found: dict[str, Difference] = {}
        for one in self.differences:
            if one.output not in found or not one.relative <= found[one.output].relative:
                found[one.output] = one
        return list(found.values())

    @property
    def parts(self) -> int:
        """How many parts either of them sees."""
        return self.alone + (0 if self.cosine is None else self.cosine.count)

    def to_data(self) -> dict[str, object]:
        """As plain lists and dictionaries."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """For programs; what is not finite becomes null."""
        return json.dumps(finite(self.to_data()), indent=2, allow_nan=False) + "\n"

    def text(self) -> str:
        """A few lines to read."""
        lines = [f"{self.network} on {f'{self.photos} photos' if self.photos else 'random inputs'}"]
        lines += [
            f"  {one.output}: largest difference {one.largest:.2e} ({one.relative:.1e} of the largest value), "
            f"mean {one.mean:.2e}, at batch {one.batch}"
            for one in self.worst
        ]
        if self.cosine is not None:
            lines.append(
                f"  part vectors: cosine {self.cosine.worst:.6f} at least, {self.cosine.mean:.7f} on average; "
                f"{self.alone} of {self.parts} parts seen by one of the two only"
            )
        if self.landmarks is not None:
            worst, mean = self.landmarks.worst, self.landmarks.mean
            lines.append(f"  landmarks: {worst:.4f} crop pixels at most, {mean:.5f} on average")
        return "\n".join(lines)


def compare(
    network: ExportedNetwork, reference: Run, candidate: Run, photos: Sequence[Path], batches: Sequence[int] = BATCHES
) -> Comparison:
    """Run both on the same inputs at each batch; every batch takes photos that the ones before it did not."""
    gathered = Gathered(network.outputs)
    for place, batch in enumerate(batches):
        inputs = network.samples(batch, rotated(photos, sum(batches[:place])))
        gathered.add(batch, reference(inputs), candidate(inputs))
    return gathered.comparison(network.name, min(len(photos), sum(batches)) if network.sees_photos else 0)


def rotated(photos: Sequence[Path], start: int) -> list[Path]:
    """The photos from place `start` on, the ones before it last."""
    place = start % len(photos) if photos else 0
    return [*photos[place:], *photos[:place]]


class Gathered:
    """Differences of outputs, batch by batch; part vectors and landmarks are known by their tensors' names."""

    def __init__(self, outputs: Sequence[str]) -> None:
        self._outputs = outputs
        self._differences: list[Difference] = []
        self._cosines: list[Floats] = []
        self._landmarks: list[Floats] = []
        self._alone = 0

    def add(self, batch: int, wanted: Mapping[str, Array], found: Mapping[str, Array]) -> None:
        """One batch. The reference's outputs come first."""
        for name in self._outputs:
            one, other = wanted[name], found[name]
            if name in _LANDMARKS and one.shape == other.shape:
                one, other = _without_unused(one, other)
                self._landmarks.append(_landmark_distances(one, other))
            if name == "EMBEDDING" and one.shape == other.shape:
                self._add_vectors(one, other)
            self._differences.append(Difference.of(name, batch, one, other))

    def _add_vectors(self, wanted: Array, found: Array) -> None:
        values, alone = cosines(wanted, found)
        self._cosines.append(values)
        self._alone += alone

    def comparison(self, network: str, photos: int, judged_by_outputs: bool = True) -> Comparison:
        """All batches together."""
        cosine, landmarks = spread(self._cosines, np.min), spread(self._landmarks, np.max)
        differences = tuple(self._differences)
        return Comparison(network, photos, differences, cosine, self._alone, landmarks, judged_by_outputs)


def cosines(reference: Array, candidate: Array) -> tuple[Floats, int]:
    """Of the vectors (..., D) that both have, and how many only one has; a vector of zeros is none."""
    wanted, found = (array.astype(np.float64).reshape(-1, array.shape[-1]) for array in (reference, candidate))
    first, second = (np.any(vectors != 0, axis=-1) for vectors in (wanted, found))
    wanted, found = wanted[first & second], found[first & second]
    lengths = np.linalg.norm(wanted, axis=-1) * np.linalg.norm(found, axis=-1)
    return (wanted * found).sum(-1) / lengths, int((first != second).sum())


def _without_unused(reference: Array, candidate: Array) -> tuple[Array, Array]:
    """Landmarks (..., 3) with the places set to 0 that nobody uses, because the reference is not confident of them."""
    unused = ~(reference[..., 2:] >= _CONFIDENT)
    places = np.concatenate([unused, unused, np.zeros_like(unused)], -1)
    return np.where(places, 0, reference), np.where(places, 0, candidate)


def _landmark_distances(reference: Array, candidate: Array) -> Floats:
    wanted, found = (array.astype(np.float64).reshape(-1, 3) for array in (reference, candidate))
    counts = wanted[:, 2] >= _CONFIDENT
    distances: Floats = np.linalg.norm(wanted[counts, :2] - found[counts, :2], axis=-1)
    return distances


def spread(values: Sequence[Floats], worst: Callable[[Floats], Any]) -> Spread | None:
    """Of all values together, None where there are none; `worst` picks one of them."""
    joined = np.concatenate([*values, np.zeros(0)])
    return Spread(float(worst(joined)), float(joined.mean()), len(joined)) if len(joined) else None


def finite(data: object) -> object:
    """Plain data with None in the place of numbers that JSON does not have."""
    if isinstance(data, Mapping):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


_TINY = 1e-6
_CONFIDENT = 0.2
"""Confidence from which a landmark's place is compared; below it, systems make no use of the place."""
_LANDMARKS = ("CROP_LANDMARKS", "LANDMARKS")
