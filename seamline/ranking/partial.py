"""`partial`: for copies of which some parts were redesigned and a further one is hidden, so that the others decide."""

from __future__ import annotations

import numpy as np

from seamline.core.spec import ScoringSpec
from seamline.ranking.base import Query, QueryVectors, Ranking
from seamline.ranking.similarity import Counts, Floats, negative_log_distance


class Partial(Ranking):
    """The mean of the best parts' negative log distances, the best one counting most."""

    name = "partial"

    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """Scores (N,)."""
        return partial_score(similarity, query.scoring.best_of)

    def explained(self, scoring: ScoringSpec) -> str:
        """The sentence, with how many parts count."""
        return (
            f"mean negative log distance of the {scoring.best_of} most alike parts, the best one counting most; that "
            "of a part is -log(1.02 - similarity), from 0 to 3.9. It is made to find copies of which other parts were "
            "redesigned."
        )

    def query_vectors(self, query: Query) -> QueryVectors:
        """The garment halfway between straight and flipped, and each part alone in every place it can have.

        A few parts that are very much alike outweigh all others, and no sum over parts brings such a garment.
        """
        places = [(part, part) for part in range(len(query.parts))]
        places += [(part, other) for part, other in enumerate(query.parts.mirror) if part != other]
        alone = [_placed(query.vectors, part, place) for part, place in places]
        if len(alone) == 1:
            return QueryVectors.of([query.vectors])
        return QueryVectors.of([(query.vectors + query.flipped) / 2, *alone])


def partial_score(similarity: Floats, best_of: int) -> Floats:
    """The weighted mean (N,) over the `best_of` best of P similarities (N, P): by 3, 2 and 1 of six for three."""
    best = np.sort(negative_log_distance(similarity), axis=-1)[..., ::-1][..., :best_of]
    weights = np.arange(best_of, 0, -1, dtype=np.float32)
    return (best @ (weights / weights.sum())).astype(np.float32)


def _placed(vectors: Floats, part: int, place: int) -> Floats:
    alone = np.zeros_like(vectors)
    alone[place] = vectors[part]
    return alone
