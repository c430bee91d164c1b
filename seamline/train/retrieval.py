"""How well copies find their originals: the figures that training prints. Pure numpy over cached vectors."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.score import Background, Scorer
from seamline.spec import REGIONS, ScoringSpec
from seamline.train.views import COPIES, Views

Floats = NDArray[np.float32]

_EQUAL = np.full(len(REGIONS), 1 / len(REGIONS), np.float32)


@dataclasses.dataclass(frozen=True)
class Found:
    """One kind of copy under one ranking: share of queries whose original comes first, and mean reciprocal rank."""

    copy: str
    ranking: str
    first: float
    reciprocal_rank: float


def retrieval(vectors: Floats, views: Views, scoring: ScoringSpec, rankings: tuple[str, ...]) -> list[Found]:
    """Search the views' originals with every copy; vectors [N,5,D]."""
    gallery = vectors[views.originals]
    table = []
    for number, kind in enumerate(COPIES):
        queries = np.flatnonzero(views.copy == number)
        for ranking in rankings:
            ranks = np.array([_rank(vectors[q], gallery, int(views.original[q]), scoring, ranking) for q in queries])
            table.append(Found(kind.description, ranking, float((ranks == 1).mean()), float((1 / ranks).mean())))
    return table


def _rank(query: Floats, gallery: Floats, wanted: int, scoring: ScoringSpec, ranking: str) -> int:
    scorer = Scorer(query, scoring, Background.of_spec(scoring), ranking, _EQUAL)
    score = scorer.score(gallery).score
    return int((score > score[wanted]).sum()) + 1
