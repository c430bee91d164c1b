"""How similarities of parts become one score, and which candidates can still matter.

A ranking is one object in a file of its own, listed below. `scorer.Scorer` scores a gallery for one query by it,
straight and flipped; `candidates` of an index are asked for by its query vectors; `rerank` scores pairs of the first
hits once more.

Invariants: larger is more alike; a part's vector has unit length, or is all zeros where the part is absent; arrays are
(..., P) or (..., P, D) in the order of the parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seamline.core.errors import BadOption
from seamline.ranking.base import Query, QueryVectors, Ranking
from seamline.ranking.global_cosine import GlobalCosine
from seamline.ranking.partial import Partial
from seamline.ranking.weighted import Weighted

RANKINGS: Mapping[str, Ranking] = {
    ranking.name: ranking
    for ranking in (
        Partial(),
        Weighted(),
        GlobalCosine(),
    )
}
"""Every ranking by name; a system's spec says which of them its searches offer."""


def ranking_named(name: str, offered: Sequence[str] = tuple(RANKINGS)) -> Ranking:
    """The ranking with this name, one of those `offered`. Raises BadOption."""
    if name not in offered or name not in RANKINGS:
        raise BadOption(f"RANKING must be one of {', '.join(offered)}")
    return RANKINGS[name]


def taking_weights(offered: Sequence[str] = tuple(RANKINGS)) -> tuple[str, ...]:
    """Names of those `offered` in which a caller's part weights count."""
    return tuple(name for name in offered if name in RANKINGS and RANKINGS[name].takes_weights)


__all__ = ["RANKINGS", "Query", "QueryVectors", "Ranking", "ranking_named", "taking_weights"]
