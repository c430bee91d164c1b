"""Re-ranking: the first hits of a query scored once more, in pairs with the query.

A re-ranker sees what a ranking does not: both garments at once. It scores the `top_n` best hits, whose order it
decides; all others follow in their own. It runs inside a step of the server, so it imports no PyTorch.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seamline.ranking.similarity import Floats


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One garment of a pair: its vectors (P, D) and category.

    `record`: JSON as the index holds it, "" for a query. `mirrored`: it is compared flipped with the query.
    """

    vectors: Floats
    category: str
    record: str = ""
    mirrored: bool = False

    @classmethod
    def of_record(cls, vectors: Floats, record: str, *, mirrored: bool) -> Candidate:
        """A row of an index."""
        known: dict[str, Any] = json.loads(record)
        return cls(vectors, str(known["category"]), record, mirrored)


@dataclasses.dataclass(frozen=True)
class PairScores:
    """Scores (n,) of pairs, larger more alike; copy probability (n,), or None where that of the ranking stays."""

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
        """Scores of n candidates, n at least 1 and at most `top_n`."""
        ...


def rerank_order(scores: Floats, count: int) -> NDArray[np.int64]:
    """New order (N,) of `count` candidates, best first, of which the first n have these scores (n,)."""
    order = np.argsort(-scores, kind="stable")
    return np.concatenate([order, np.arange(len(scores), count)]).astype(np.int64)
