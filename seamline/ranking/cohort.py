"""How alike a query's nearest unrelated garments are: a plain white shirt has many that come close, a rare print none.

The same score says less of a hit whose query many garments resemble. Verification of speakers knows this as adaptive
T-norm: a trial's score is set against the best ones of a cohort (Sturim and Reynolds, ICASSP 2005). Here it moves the
probability of a copy, and leaves the order as it is.
"""

from __future__ import annotations

import numpy as np

from seamline.core.spec import ScoringSpec
from seamline.ranking.similarity import Floats

_NEAREST = (0.003, 0.01)
"""The cohort's garments from the best 3 to the best 10 in 1,000. The very best may be the query itself and its copies,
of which a collection has few."""

LEAST_COHORT = 512
"""Garments below which the query and its copies could be the nearest."""


def cohort_score(scores: Floats) -> float | None:
    """Of the scores (N,) of a cohort, the mean of those of the nearest garments; None where the cohort is small."""
    if len(scores) < LEAST_COHORT:
        return None
    first, last = (round(share * len(scores)) for share in _NEAREST)
    return float(np.sort(scores)[::-1][first:last].mean())


def beside_cohort(score: float | None, scoring: ScoringSpec) -> float:
    """Log odds of a copy that a query's cohort score adds; 0 for the usual one, and where there is none.

    Bounded by what calibration saw, so that a design of which a collection is full of copies is not taken for a common
    one.
    """
    least, usual, largest = scoring.cohort_scores
    return 0.0 if score is None else scoring.copy_cohort * (min(max(score, least), largest) - usual)
