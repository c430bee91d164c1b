"""The true best garments of every search: a scan of the whole catalogue with the scorer that serves.

No score is above that of a garment of which every part is as alike as the most alike one, so garments whose best part
is too far away for any place among the best are passed over; the outcome is that of scoring every garment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.catalogue import Catalogue
from benchmarks.scale.plans import TOP, Plan
from benchmarks.scale.real import Codes, Floats
from benchmarks.scale.synthetic import Garments
from seamline.evaluation.cache import Arrays
from seamline.ranking.scorer import Scorer

_STEPS = np.linspace(-1, 1, 4001, dtype=np.float32)
"""Similarities at which it is known what a garment can score at most."""


@dataclasses.dataclass(frozen=True)
class Queries:
    """Q garments that are searched for: vectors (Q, P, D), categories (Q,), and the sample (M, P, D) of the catalogue
    that the index gives as their cohort."""

    vectors: Floats
    category: Codes
    cohort: Floats


def ground_truth(catalogue: Catalogue, queries: Queries, plans: Sequence[Plan], scorers: Sequence[Sequence[Scorer]],
                 report: Callable[[str], None]) -> Arrays:  # fmt: skip
    """Numbers and scores (plans, Q, TOP) of the best garments, best first; `scorers`: [plan][query]."""
    shape = len(plans), len(queries.vectors), TOP
    best = _Best(np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32))
    search = _Search(queries, plans, scorers, [[_attainable(scorer) for scorer in row] for row in scorers])
    for number, (first, garments) in enumerate(catalogue.chunks()):
        _scan(best, first, garments, search)
        if not number % 10:
            report(f"{first + len(garments.category):,} of {catalogue.size:,} garments compared")
    return dataclasses.asdict(best)


@dataclasses.dataclass(frozen=True)
class _Search:
    """What is searched for; `scorers` and `attainable`, the highest scores at _STEPS, are [plan][query]."""

    queries: Queries
    plans: Sequence[Plan]
    scorers: Sequence[Sequence[Scorer]]
    attainable: Sequence[Sequence[Floats]]


@dataclasses.dataclass
class _Best:
    """The best so far: numbers and scores (plans, Q, TOP), best first."""

    number: NDArray[np.int64]
    score: Floats

    def lower_bound(self, query: int, search: _Search) -> float:
        """Similarity that a garment's best part must reach to enter any plan's list for a query."""
        last = self.score[:, query, -1]
        return min(_needed(row[query], score) for row, score in zip(search.attainable, last, strict=True))

    def add(self, plan: int, query: int, numbers: NDArray[np.int64], scores: Floats) -> None:
        """Merge scored garments in."""
        both = np.concatenate([self.score[plan, query], scores])
        order = np.argsort(-both, kind="stable")[:TOP]
        self.score[plan, query] = both[order]
        self.number[plan, query] = np.concatenate([self.number[plan, query], numbers])[order]


def _attainable(scorer: Scorer) -> Floats:
    """The score of a garment that has the query's parts, all of them as alike as each of _STEPS."""
    present = scorer.query.present
    similarity = np.where(present > 0, _STEPS[:, None], np.nan).astype(np.float32)
    return scorer.ranking.score(scorer.query, similarity, np.full(len(_STEPS), present.sum()))


def _needed(attainable: Floats, score: float) -> float:
    """The last step below which no garment scores as much."""
    step = int(np.searchsorted(attainable, score)) - 1
    return float(_STEPS[step]) if step >= 0 else -np.inf


def _scan(best: _Best, first: int, garments: Garments, search: _Search) -> None:
    queries, mirror = search.queries, search.scorers[0][0].query.parts.mirror
    straight, flipped = similarities(garments.vectors, queries.vectors, mirror)
    highest = np.maximum(straight.max(0), flipped.max(0))
    for query in range(len(queries.vectors)):
        rows = np.flatnonzero(highest[:, query] >= best.lower_bound(query, search))
        kin = rows[garments.category[rows] == queries.category[query]]
        for number, plan in enumerate(search.plans):
            chosen = kin if plan.filtered else rows
            scores = search.scorers[number][query].score(garments.vectors[chosen])
            best.add(number, query, first + chosen, scores.score)


def similarities(gallery: Floats, queries: Floats, mirror: Sequence[int]) -> tuple[Floats, Floats]:
    """Inner products (P, N, Q) of each part, straight and flipped, in the order of the queries' parts."""
    by_part = np.ascontiguousarray(gallery.transpose(1, 0, 2))
    wanted = queries.transpose(1, 2, 0)
    straight = by_part @ wanted
    flipped = straight.copy()
    for part, other in enumerate(mirror):
        if part != other:
            flipped[part] = by_part[other] @ wanted[part]
    return straight, flipped


__all__ = ["Queries", "ground_truth", "similarities"]
