"""Weights of parts by coordinate ascent, separately for each category; the networks stay as they are.

PS-Net (Lang et al., CVPR 2020): weights start at 1; before an iteration a weight is changed by the step, and the
change is kept if the loss fell; the step is 0.1, 0.05 after epoch 40 and 0.01 after epoch 60; weights are scaled to
sum to 1 when used. The paper leaves open what an iteration is, the sign of the change and the last epoch: here an epoch
tries each part once, in random order, up or down at random, and there are 80. Both sleeves have weights of their own.

The loss is the triplet loss of weighted region distances, times alpha, which is lower for pairs whose difference lies
in one region (alpha's rule is unpublished, this one is ours). It is measured on cached distances.
"""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Distances = NDArray[np.floating[Any]]

DEFAULT = "default"
"""The weights that `Spec` uses for a category without its own."""


@dataclasses.dataclass(frozen=True)
class PartDistances:
    """N triplets of an original, its copy and another garment: `positive` [N,P], 1 - cosine of original and copy;
    `negative` [N,P], of original and other garment; NaN where either lacks the part; `category` [N] of the
    original."""

    positive: Distances
    negative: Distances
    category: NDArray[np.str_]

    def of(self, category: str) -> PartDistances:
        """The triplets of one category."""
        own = self.category == category
        return PartDistances(self.positive[own], self.negative[own], self.category[own])


@dataclasses.dataclass(frozen=True)
class WeightSearch:
    """`steps`: (first epoch, step) in rising order, epochs counted from 1. `least`: no weight falls below it before
    scaling. A category with fewer than `least_samples` triplets gets no weights of its own."""

    epochs: int = 80
    steps: tuple[tuple[int, float], ...] = ((1, 0.1), (41, 0.05), (61, 0.01))
    margin: float = 0.2
    least: float = 0.02
    least_samples: int = 100
    seed: int = 0

    def step_at(self, epoch: int) -> float:
        """The step of an epoch, counted from 1."""
        return [step for first, step in self.steps if first <= epoch][-1]


@dataclasses.dataclass(frozen=True)
class LearntWeights:
    """Weights (P,) that sum to 1, and the loss before the first epoch and after each, epochs + 1 values."""

    weights: Floats
    losses: Floats


def learn_weights(distances: PartDistances, settings: WeightSearch | None = None) -> dict[str, tuple[float, ...]]:
    """Category -> P weights, for `ScoringSpec.part_weights`, with "default" learnt over all triplets.

    Deterministic by the settings' seed; a category's weights do not depend on which others there are. Raises ValueError
    when there are no triplets.
    """
    settings = settings or WeightSearch()
    names, counts = np.unique(distances.category, return_counts=True)
    enough = [str(name) for name, count in zip(names, counts, strict=True) if count >= settings.least_samples]
    found = {DEFAULT: search(distances, settings, DEFAULT)}
    found |= {name: search(distances.of(name), settings, name) for name in enough}
    return {name: tuple(round(float(value), 4) for value in own.weights) for name, own in found.items()}


def search(distances: PartDistances, settings: WeightSearch, name: str = DEFAULT) -> LearntWeights:
    """Coordinate ascent on these triplets; `name` enters the seed. Raises ValueError when there are none."""
    if not len(distances.positive):
        raise ValueError("region weights cannot be learnt from no triplets")
    random = np.random.default_rng([settings.seed, zlib.crc32(name.encode())])
    alpha = concentration_factor(distances.positive)
    count = distances.positive.shape[1]
    weights = np.ones(count)
    losses = [weighted_triplet_loss(weights, distances, alpha, settings.margin)]
    for epoch in range(1, settings.epochs + 1):
        lowest = losses[-1]
        for part in random.permutation(count):
            changed = weights.copy()
            changed[part] += random.choice((-1, 1)) * settings.step_at(epoch)
            changed[part] = max(changed[part], settings.least)
            loss = weighted_triplet_loss(changed, distances, alpha, settings.margin)
            if loss < lowest:
                weights, lowest = changed, loss
        losses.append(lowest)
    return LearntWeights(weights / weights.sum(), np.array(losses))


def weighted_triplet_loss(weights: Floats, distances: PartDistances, alpha: Floats, margin: float) -> float:
    """Mean of alpha * max(D+ - D- + margin, 0) over triplets without a NaN for D; alpha [N]."""
    violation = weighted(distances.positive, weights) - weighted(distances.negative, weights) + margin
    losses = alpha * np.maximum(violation, 0)
    known = np.isfinite(losses)
    return float(losses[known].mean()) if known.any() else 0.0


def weighted(distances: Distances, weights: Floats) -> Floats:
    """Weighted means [N] of distances [N,P] over the parts that are not NaN; NaN where all are."""
    present = np.isfinite(distances)
    total = present @ weights
    with np.errstate(invalid="ignore"):
        means: Floats = (np.where(present, distances, 0) @ weights) / total
    return means


def concentration_factor(positive: Distances) -> Floats:
    """alpha [N] of positive distances [N,P]: 1 where the parts differ alike, 1/2 where one holds all difference."""
    filled = np.where(np.isfinite(positive), positive, 0).clip(0)
    total = filled.sum(-1)
    least = 1 / positive.shape[1]
    share = np.divide(filled.max(-1), total, out=np.full(len(filled), least), where=total > 0)
    return 1 - 0.5 * (share - least) / max(1 - least, 1e-9)


def part_distances(first: Distances, second: Distances) -> Floats:
    """1 - cosine per part [N,P] of unit vectors [N,P,D]; NaN where either is all zeros."""
    cosine = np.einsum("nrd,nrd->nr", first, second, dtype=np.float64)
    present = first.any(-1) & second.any(-1)
    return np.where(present, 1 - cosine, np.nan)
