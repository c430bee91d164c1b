"""What a ranking is: a score of compared parts, and what has to be asked of an index so that the best are found.

An index orders garments by one inner product with a query's vectors side by side; a ranking orders them by more than
that. So a ranking gives several query vectors, which together bring its best garments at a fraction of the answers
that a single one would need, and a bound: what their inner products say about how good a garment can be at most, so
that only the best are fetched and scored. `benchmarks.scale` measures how many are enough.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import ClassVar

import numpy as np

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec
from seamline.ranking.similarity import Counts, Floats, ScoreNorm, mirrored


@dataclasses.dataclass(frozen=True)
class Query:
    """A query garment's vectors (P, D), the weights (P,) that sum to 1, and what its similarities mean."""

    vectors: Floats
    parts: Parts
    weights: Floats
    scoring: ScoringSpec
    norm: ScoreNorm

    @property
    def flipped(self) -> Floats:
        """The vectors (P, D) as a mirrored photo would have them."""
        return mirrored(self.vectors, self.parts.mirror)

    @property
    def present(self) -> Counts:
        """1 (P,) for a part that the query has, else 0."""
        return np.asarray(self.vectors.any(-1), np.int64)


@dataclasses.dataclass(frozen=True)
class QueryVectors:
    """What to ask an index for: `every` (m, P * D) among all garments, `incomplete` (f, P * D) only among those that
    lack parts; f is 0 where an absent part cannot bring a garment to the front."""

    every: Floats
    incomplete: Floats

    @classmethod
    def of(cls, every: list[Floats], incomplete: list[Floats] | None = None) -> QueryVectors:
        """From vectors (P, D)."""
        none = np.zeros((0, every[0].size), np.float32)
        return cls(_flat(every), _flat(incomplete) if incomplete else none)


def _flat(vectors: list[Floats]) -> Floats:
    return np.stack([vector.reshape(-1) for vector in vectors]).astype(np.float32)


class Ranking(abc.ABC):
    """How part similarities become one score. Objects have no state; what a query brings is in `Query`."""

    name: ClassVar[str]
    """What callers say in RANKING."""

    takes_weights: ClassVar[bool] = False
    """Whether a caller's PART_WEIGHTS count."""

    @abc.abstractmethod
    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """Scores (N,) of garments by their similarities (N, P), NaN where not comparable, and how many parts each
        has (N,)."""

    @abc.abstractmethod
    def explained(self, scoring: ScoringSpec) -> str:
        """What the score is, in a sentence for people."""

    @abc.abstractmethod
    def query_vectors(self, query: Query) -> QueryVectors:
        """What brings the best garments of this ranking from an index."""

    def attainable(self, query: Query, present: Floats) -> Floats | None:
        """What an inner product (n,) has to be divided by to be a score, for garments with the parts `present` (n, P).

        None where inner products do not tell which garments are worth being fetched.
        """
        return None
