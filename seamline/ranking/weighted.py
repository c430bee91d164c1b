"""`weighted`: PS-Net's similarity (Lang et al., CVPR 2020)."""

from __future__ import annotations

import numpy as np

from seamline.core.spec import ScoringSpec
from seamline.ranking.base import Query, QueryVectors, Ranking
from seamline.ranking.similarity import Counts, Floats, mirrored


class Weighted(Ranking):
    """The weighted mean of the comparable parts' cosines, the weights renormalised over them."""

    name = "weighted"
    takes_weights = True

    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """A pair without a comparable part of positive weight scores -1."""
        return weighted_score(similarity, query.weights)

    def explained(self, scoring: ScoringSpec) -> str:
        """The sentence."""
        return "mean of the parts' similarities by the weights stated above, from -1 to 1."

    def query_vectors(self, query: Query) -> QueryVectors:
        """The weighted vectors, straight and flipped, and the same half as skewed.

        The graph of an index is that of equal weights. Skewed ones may end in a corner of it; half as skewed, the
        search takes another way. And a mean over fewer parts can be higher than any sum over all, whatever their
        products; where the heavy parts are missing, the light ones decide.
        """
        mirror, weights = query.parts.mirror, query.weights
        weighted = query.vectors * weights[:, None]
        evened = query.vectors * (weights + 1 / len(query.parts))[:, None] / 2
        light = weighted * (weights < weights.max() / 2)[:, None]
        incomplete = [weighted, mirrored(weighted, mirror), *([light] if light.any() else [])]
        every = [weighted, mirrored(weighted, mirror), evened, mirrored(evened, mirror)]
        return QueryVectors.of(every, incomplete)

    def attainable(self, query: Query, present: Floats) -> Floats:
        """The weight of the parts that both have."""
        return np.asarray(np.maximum(present @ (query.weights * query.present), 1e-6), np.float32)


def weighted_score(similarity: Floats, weights: Floats) -> Floats:
    """The weighted mean (N,) of similarities (N, P) with NaN where not comparable; -1 where no weight is left."""
    known = np.isfinite(similarity)
    share = known * weights
    total = share.sum(-1)
    score = np.where(known, similarity, 0.0) @ weights / np.maximum(total, 1e-12)
    return np.where(total > 0, score, -1.0).astype(np.float32)
