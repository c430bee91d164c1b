"""Garments that do not exist, as many as are wanted, whose parts' vectors are distributed as real ones are.

A garment takes its parts from a real one, some of them from a second one of the same category, as a design borrows;
all are then drawn towards those of a third one, of that category, and each a little towards one more. How far is
drawn anew for every garment, so that there are near neighbours and far ones at any number of garments. `fidelity`
holds the outcome against real garments.

Every chunk has a seed of its own: garment n is the same whatever the size of the catalogue.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.real import Codes, Floats, Real

CHUNK = 10_000
"""Garments that are made at once."""

_BORROWED = 0.05
"""Probability that a part comes from the second garment."""

_OWN = (3.0, 2.0)
"""Beta distribution of the first garment's share of the squared length, against the third's."""

_TOUCH = 0.2
"""Length of what each part takes from a garment of its own, before unit length is restored."""


@dataclasses.dataclass(frozen=True)
class Garments:
    """n garments: vectors (n, P, D), unit length or zero, and categories (n,)."""

    vectors: Floats
    category: Codes


class Synthetic:
    """Makes garments from real ones."""

    def __init__(self, real: Real, seed: int) -> None:
        self._vectors = real.sources
        self._category = real.source_category
        self._seed = seed
        self._kin = {code: np.flatnonzero(self._category == code) for code in np.unique(self._category)}

    def chunk(self, number: int, size: int = CHUNK) -> Garments:
        """The garments of one chunk."""
        random = np.random.default_rng([self._seed, number])
        first = random.integers(0, len(self._vectors), size)
        category = self._category[first]
        parts = np.arange(self._vectors.shape[1])
        lent = random.random((size, len(parts))) < _BORROWED
        rows = np.where(lent, self._kin_of(category, random)[:, None], first[:, None])
        share = random.beta(*_OWN, (size, 1, 1)).astype(np.float32)
        third = self._vectors[self._kin_of(category, random)]
        touch = self._vectors[self._kin_of(category, random, len(parts)), parts]
        drawn = np.sqrt(share) * self._vectors[rows, parts] + np.sqrt(1 - share) * third + _TOUCH * touch
        present = self._vectors[first].any(-1)[..., None]
        return Garments(_unit(drawn * present), category)

    def _kin_of(self, category: Codes, random: np.random.Generator, each: int = 0) -> NDArray[np.int64]:
        """Random garments of the same categories, (n,) or (n, each)."""
        shape = (len(category), each) if each else (len(category),)
        chosen = np.empty(shape, np.int64)
        for code, kin in self._kin.items():
            rows = np.flatnonzero(category == code)
            chosen[rows] = random.choice(kin, (len(rows), *shape[1:]))
        return chosen


def _unit(vectors: Floats) -> Floats:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float32)
