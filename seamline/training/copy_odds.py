"""The probability that a hit is a copy, as a logistic function of its score and of the query's cohort score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import Parts
from seamline.core.spec import COHORT_SIZE, ScoringSpec
from seamline.ranking import Query, Ranking
from seamline.ranking.scorer import Scorer
from seamline.ranking.similarity import ScoreNorm
from seamline.training.logistic import Doubles, fit_logistic
from seamline.training.views import Views

Floats = NDArray[np.float32]

_HITS = 10
"""The probability is meant for the hits that a person looks at."""

_COHORT_SCORES = (0.05, 0.5, 0.95)
"""Shares of the queries that lie below the least, the usual and the largest cohort score."""

_PENALTY = 2e-4
"""Of the score's slope, which has no limit where all copies score higher than all others."""


@dataclasses.dataclass(frozen=True)
class CopyOdds:
    """Log odds that a hit is a copy: slope * score + offset + cohort * (cohort score - the usual one), where that is
    kept between the first and the last of `cohort_scores`, the second of which is the usual one."""

    slope: float
    offset: float
    cohort: float = 0.0
    cohort_scores: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclasses.dataclass(frozen=True)
class FirstHits:
    """Of one query: the scores [H] of its first hits, which of them are copies, and its cohort score, NaN where the
    cohort is small."""

    score: Floats
    copy: NDArray[np.bool_]
    cohort_score: float


def fit_copy_odds(
    vectors: Floats,
    views: Views,
    others: Floats,
    scoring: ScoringSpec,
    parts: Parts,
    ranking: Ranking,
    seed: int,
    by_cohort: bool = True,
) -> CopyOdds:
    """The logistic function of a ranking's score, and `by_cohort` of the cohort score too, that tells the copies among
    a search's first hits; the arguments are those of `calibrate`."""
    found = list(_searched(vectors, views, others, scoring, parts, ranking, seed))
    return odds_of_hits(found, by_cohort)


def odds_of_hits(found: list[FirstHits], by_cohort: bool = True) -> CopyOdds:
    """The same from what was found; without cohort scores where a query has none, or where more of what resembles many
    garments are copies."""
    score = np.concatenate([one.score for one in found]).astype(np.float64)
    copy = np.concatenate([one.copy for one in found])
    beside = np.repeat([one.cohort_score for one in found], [len(one.score) for one in found])
    if by_cohort and np.isfinite(beside).all():
        least, usual, largest = (round(float(value), 4) for value in np.quantile(beside, _COHORT_SCORES))
        slope, cohort, offset = _logistic(copy, score, np.clip(beside, least, largest) - usual)
        if cohort < 0:
            return CopyOdds(slope, offset, cohort, (least, usual, largest))
    slope, offset = _logistic(copy, score)
    return CopyOdds(slope, offset)


def _searched(
    vectors: Floats, views: Views, others: Floats, scoring: ScoringSpec, parts: Parts, ranking: Ranking, seed: int
) -> Iterator[FirstHits]:
    """Every original is searched for as the server does it, among the copies of all, the other originals and `others`.
    Its cohort is of originals and `others`: of its copies, a collection has fewer than there are here."""
    originals, copies = views.originals, views.copies
    gallery = np.concatenate([vectors[copies], vectors[originals], others])
    garment = np.concatenate([views.original[copies], originals, np.full(len(others), -1)])
    places = np.random.default_rng(seed).permutation(len(gallery) - len(copies))[:COHORT_SIZE] + len(copies)
    weights = np.full(len(parts), 1 / len(parts), np.float32)
    for own, original in enumerate(originals, start=len(copies)):
        cohort = gallery[places[places != own]]
        norm = ScoreNorm.of_cohort(vectors[original], cohort, ScoreNorm.of_spec(scoring))
        scorer = Scorer(Query(vectors[original], parts, weights, scoring, norm), ranking, ranking).beside(cohort)
        score = scorer.score(gallery).score
        score[own] = -np.inf
        first = np.argsort(-score)[:_HITS]
        first = first[np.isfinite(score[first])]
        beside = np.nan if scorer.cohort_score is None else scorer.cohort_score
        yield FirstHits(score[first], garment[first] == original, beside)


def _logistic(copy: NDArray[np.bool_], score: Doubles, *others: Doubles) -> tuple[float, ...]:
    """Slopes of the score and of the other features [N], and last the offset."""
    rows = np.column_stack([score, *others, np.ones(len(score))]).astype(np.float64)
    penalty = np.zeros(rows.shape[1])
    penalty[0] = _PENALTY
    return tuple(float(value) for value in fit_logistic(rows, copy, np.full(len(rows), 1 / len(rows)), penalty))
