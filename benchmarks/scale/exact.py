"""The true best garments of every search: a scan of the whole catalogue with the scorer that serves.

No score is above what the most alike region alone would give, so garments whose best region is too far away for any
place among the best are passed over; the outcome is that of scoring every garment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.catalogue import Catalogue
from benchmarks.scale.plans import PLANS, TOP
from benchmarks.scale.real import Codes, Floats
from benchmarks.scale.synthetic import Garments
from seamline.evaluation.cache import Arrays
from seamline.ranking.scorer import Scorer
from seamline.ranking.similarity import negative_log_distance
from seamline.systems.psnet.spec import MIRRORED


@dataclasses.dataclass(frozen=True)
class Queries:
    """Q garments that are searched for: vectors (Q, 5, D), categories (Q,), and the sample (M, 5, D) of the catalogue
    that the index gives for their background."""

    vectors: Floats
    category: Codes
    cohort: Floats


def truth(catalogue: Catalogue, queries: Queries, scorers: Sequence[Sequence[Scorer]],
          report: Callable[[str], None]) -> Arrays:  # fmt: skip
    """Numbers and scores (plans, Q, TOP) of the best garments, best first; `scorers`: [plan][query]."""
    shape = len(PLANS), len(queries.vectors), TOP
    best = _Best(np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32))
    for number, (first, garments) in enumerate(catalogue.chunks()):
        _scan(best, first, garments, queries, scorers)
        if not number % 10:
            report(f"{first + len(garments.category):,} of {catalogue.size:,} garments compared")
    return dataclasses.asdict(best)


@dataclasses.dataclass
class _Best:
    """The best so far: numbers and scores (plans, Q, TOP), best first."""

    number: NDArray[np.int64]
    score: Floats

    def bound(self, query: int) -> float:
        """Similarity that a garment's best region must reach to enter any plan's list for a query."""
        last = self.score[:, query, -1]
        needed = [_similarity(float(score)) if plan.ranking == "partial" else float(score)
                  for plan, score in zip(PLANS, last, strict=True)]  # fmt: skip
        return min(needed)

    def add(self, plan: int, query: int, numbers: NDArray[np.int64], scores: Floats) -> None:
        """Merge scored garments in."""
        both = np.concatenate([self.score[plan, query], scores])
        order = np.argsort(-both, kind="stable")[:TOP]
        self.score[plan, query] = both[order]
        self.number[plan, query] = np.concatenate([self.number[plan, query], numbers])[order]


def _scan(best: _Best, first: int, garments: Garments, queries: Queries, scorers: Sequence[Sequence[Scorer]]) -> None:
    present = garments.vectors.any(-1)
    straight, flipped = similarities(garments.vectors, queries.vectors)
    highest = np.maximum(straight.max(0), flipped.max(0))
    for query in range(len(queries.vectors)):
        rows = np.flatnonzero(highest[:, query] >= best.bound(query))
        known = queries.vectors[query].any(-1)
        comparisons = [
            np.where(present[rows][:, places] & known, part[:, rows, query].T, np.nan).astype(np.float32)
            for part, places in ((straight, slice(None)), (flipped, list(MIRRORED)))
        ]
        kin = garments.category[rows] == queries.category[query]
        for number, plan in enumerate(PLANS):
            chosen = np.flatnonzero(kin) if plan.filtered else np.arange(len(rows))
            scores = scorers[number][query].score_compared(
                comparisons[0][chosen], comparisons[1][chosen], present[rows[chosen]].sum(-1)
            )
            best.add(number, query, first + rows[chosen], scores.score)


def similarities(gallery: Floats, queries: Floats) -> tuple[Floats, Floats]:
    """Inner products (5, N, Q) of each region in both comparisons, in the order of the queries' regions."""
    by_part = np.ascontiguousarray(gallery.transpose(1, 0, 2))
    wanted = queries.transpose(1, 2, 0)
    straight = by_part @ wanted
    flipped = straight.copy()
    for region, other in enumerate(MIRRORED):
        if region != other:
            flipped[region] = by_part[other] @ wanted[region]
    return straight, flipped


def _similarity(partial: float) -> float:
    """The similarity whose negative_log_distance is `partial`."""
    if not np.isfinite(partial):
        return -np.inf
    low, high = -1.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if negative_log_distance(np.array([middle], np.float32))[0] < partial else (low, middle)
        )
    return low


__all__ = ["Queries", "similarities", "truth"]
