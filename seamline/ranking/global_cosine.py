"""`global`: the vectors taken as one, PS-Net's fashion output (Lang et al., CVPR 2020)."""

from __future__ import annotations

import numpy as np

from seamline.core.spec import ScoringSpec
from seamline.ranking.base import Query, QueryVectors, Ranking
from seamline.ranking.similarity import Counts, Floats


class GlobalCosine(Ranking):
    """The cosine of all parts side by side; an absent part counts as unlike."""

    name = "global"

    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """Scores (N,)."""
        norms = np.sqrt(query.present.sum() * counts)
        return (np.nan_to_num(similarity).sum(-1) / np.maximum(norms, 1.0)).astype(np.float32)

    def explained(self, scoring: ScoringSpec) -> str:
        """The sentence."""
        return "similarity of the two garments as a whole, from -1 to 1."

    def query_vectors(self, query: Query) -> QueryVectors:
        """The vectors, straight and flipped."""
        return QueryVectors.of([query.vectors, query.flipped])

    def attainable(self, query: Query, present: Floats) -> Floats:
        """The product of the lengths of both."""
        return np.asarray(np.sqrt(np.maximum(query.present.sum() * present.sum(-1), 1)), np.float32)
