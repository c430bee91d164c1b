"""`partial`: for copies of which some parts were redesigned and a further one is hidden, so that the others decide.

Some systems have parts of the garment as a whole beside its regions. Those need neither category nor landmarks, so a
garment is found also where these failed and regions do not fit. Either is enough: the score is the log odds that the
regions or the whole show a copy (a noisy or: Pearl, Probabilistic Reasoning in Intelligent Systems, 1988).
"""

from __future__ import annotations

import numpy as np

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec
from seamline.ranking.base import Query, QueryVectors, Ranking
from seamline.ranking.similarity import Counts, Floats, negative_log_distance


class Partial(Ranking):
    """The mean of the best regions' negative log distances, the best one counting most; or, where that says more, the
    similarity as a whole."""

    name = "partial"

    def score(self, query: Query, similarity: Floats, counts: Counts) -> Floats:
        """Scores (N,)."""
        if not query.parts.whole:
            return partial_score(similarity, query.scoring.best_of)
        return np.asarray(np.logaddexp(*copy_odds(similarity, query.parts, query.scoring)), np.float32)

    def explained(self, scoring: ScoringSpec) -> str:
        """The sentence, with how many parts count."""
        apart = ScoringSpec.region_odds != scoring.region_odds
        kind = "region" if apart else "part"
        best = (
            f"mean negative log distance of the {scoring.best_of} most alike {kind}s, the best one counting most; that "
            f"of a {kind} is -log(1.02 - similarity), from 0 to 3.9"
        )
        why = " It is made to find copies of which other parts were redesigned."
        if not apart:
            return f"{best}.{why}"
        (slope, offset), (steep, start) = scoring.region_odds, scoring.whole_odds
        return (
            f"log odds of a copy, log(exp({slope:.1f} p {offset:+.1f}) + exp({steep:.1f} w {start:+.1f})): p is the "
            f"{best}; w is the mean similarity of the parts of the whole garment. Either is enough.{why}"
        )

    def query_vectors(self, query: Query) -> QueryVectors:
        """The garment halfway between straight and flipped, each region alone in every place it can have, and the
        parts of the whole together.

        A few parts that are very much alike outweigh all others, and no sum over parts brings such a garment.
        """
        regions, mirror = query.parts.regions, query.parts.mirror
        places = [(part, part) for part in regions]
        places += [(part, mirror[part]) for part in regions if part != mirror[part]]
        alone = [_placed(query.vectors, part, place) for part, place in places]
        if len(query.parts) == 1:
            return QueryVectors.of([query.vectors])
        return QueryVectors.of([(query.vectors + query.flipped) / 2, *alone, *_as_a_whole(query)])


def copy_odds(similarity: Floats, parts: Parts, scoring: ScoringSpec) -> tuple[Floats, Floats]:
    """Log odds (N,) that the regions show a copy, and that the garment as a whole does, of similarities (N, P)."""
    found = partial_score(similarity[..., list(parts.regions)], scoring.best_of)
    whole = np.nan_to_num(similarity[..., list(parts.whole)]).mean(-1)
    return _log_odds(found, scoring.region_odds), _log_odds(whole, scoring.whole_odds)


def _log_odds(score: Floats, odds: tuple[float, float]) -> Floats:
    slope, offset = odds
    return np.asarray(slope * score + offset, np.float32)


def partial_score(similarity: Floats, best_of: int) -> Floats:
    """The weighted mean (N,) over the `best_of` best of P similarities (N, P): by 3, 2 and 1 of six for three."""
    best = np.sort(negative_log_distance(similarity), axis=-1)[..., ::-1][..., :best_of]
    weights = np.arange(best_of, 0, -1, dtype=np.float32)
    return (best @ (weights / weights.sum())).astype(np.float32)


def _placed(vectors: Floats, part: int, place: int) -> Floats:
    alone = np.zeros_like(vectors)
    alone[place] = vectors[part]
    return alone


def _as_a_whole(query: Query) -> list[Floats]:
    if not query.parts.whole:
        return []
    together, places = np.zeros_like(query.vectors), list(query.parts.whole)
    together[places] = query.vectors[places]
    return [together]
