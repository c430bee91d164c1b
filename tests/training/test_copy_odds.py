"""The logistic function that states how likely a hit is a copy, on made-up scores."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.training.copy_odds import FirstHits, odds_of_hits


def hits(score: NDArray[np.float64], copies: int, beside: float = np.nan) -> FirstHits:
    """Of a query whose last `copies` hits are copies."""
    return FirstHits(score.astype(np.float32), np.arange(len(score)) >= len(score) - copies, beside)


def test_the_logistic_function_is_calibrated_on_what_it_was_fitted_on() -> None:
    random = np.random.default_rng(0)
    found = [hits(np.append(random.normal(2, 1, 9), random.normal(4, 1)), copies=1) for _ in range(500)]
    odds = odds_of_hits(found)
    scores, happened = (np.concatenate([getattr(one, name) for one in found]) for name in ("score", "copy"))
    stated = 1 / (1 + np.exp(-(odds.slope * scores + odds.offset)))
    for low, high in ((0, 0.2), (0.2, 0.6), (0.6, 1)):
        chosen = (stated >= low) & (stated < high)
        assert abs(stated[chosen].mean() - happened[chosen].mean()) < 0.05


def test_hits_of_queries_that_many_garments_resemble_are_stated_as_less_likely() -> None:
    random = np.random.default_rng(1)
    found = []
    for number in range(400):
        beside = float(number % 2)  # of every other query unrelated garments score by 1 higher
        found.append(hits(np.append(random.normal(1 + beside, 0.5, 9), 3.0), copies=1, beside=beside))
    odds = odds_of_hits(found)
    assert odds.cohort < -0.5
    assert odds.cohort_scores == (0, 0.5, 1)
    assert odds_of_hits(found, by_cohort=False).cohort == 0
    turned_round = [dataclasses.replace(one, cohort_score=-one.cohort_score) for one in found]
    assert odds_of_hits(turned_round).cohort == 0
    assert odds_of_hits([*found, hits(np.zeros(10), copies=1)]).cohort_scores == (0, 0, 0)
