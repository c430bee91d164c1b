"""Re-ranking: the first hits of a query scored once more, in pairs with the query.

A re-ranker sees what a ranking does not: both garments at once. It scores the `top_n` best hits, whose order it
decides; all others follow in their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seamline.ranking.similarity import Floats


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One garment of a pair: its vectors (P, D), category and record (JSON, as the index holds it; "" for a query)."""

    vectors: Floats
    category: str
    record: str = ""


@dataclasses.dataclass(frozen=True)
class PairScores:
    """Scores (n,) of pairs, larger more alike; copy probability (n,), or None where the re-ranker states none."""

    score: Floats
    copy_probability: Floats | None = None


class PairScorer(Protocol):
    """Scores pairs of a query and its `top_n` best candidates, all at once."""

    @property
    def name(self) -> str:
        """What answers call it."""
        ...

    @property
    def top_n(self) -> int:
        """How many candidates it scores."""
        ...

    def score(self, query: Candidate, candidates: Sequence[Candidate]) -> PairScores:
        """Scores of n candidates, n at most `top_n`."""
        ...


def reranked(
    scorer: PairScorer, query: Candidate, candidates: Sequence[Candidate]
) -> tuple[NDArray[np.int64], PairScores]:
    """New order (N,) of candidates that come best first, and the scores of the first `top_n` in their old order."""
    first = candidates[: scorer.top_n]
    scores = scorer.score(query, first)
    order = np.argsort(-scores.score, kind="stable")
    return np.concatenate([order, np.arange(len(first), len(candidates))]).astype(np.int64), scores
