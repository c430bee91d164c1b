"""`best`: a baseline of `partial` that only evaluation uses; no search offers it."""

from __future__ import annotations

import numpy as np

from seamline.core.spec import ScoringSpec
from seamline.ranking.base import Query
from seamline.ranking.partial import Partial
from seamline.ranking.similarity import Counts, Floats, ScoreNorm


class BestOf(Partial):
    """The mean of the best regions, each in standard deviations above unrelated garments."""

    name = "best"

    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """Scores (N,)."""
        regions = list(query.parts.regions)
        return best_score(similarity[..., regions], query.norm.only(regions), query.scoring.best_of)

    def explained(self, scoring: ScoringSpec) -> str:
        """The sentence."""
        return f"mean of the {scoring.best_of} most alike parts in standard deviations above unrelated garments."


def best_score(similarity: Floats, norm: ScoreNorm, best_of: int) -> Floats:
    """Mean (N,) of the `best_of` best of P similarities (N, P); one that cannot be compared counts as unrelated (0)."""
    best = np.partition(norm.applied(similarity), -best_of, axis=-1)[..., -best_of:]
    return np.asarray(best.mean(-1), np.float32)
