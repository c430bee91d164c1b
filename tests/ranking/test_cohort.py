"""How near a query's nearest unrelated garments are, and what that does to the probability of a copy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.parts import unnamed_parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.ranking import RANKINGS
from seamline.ranking.cohort import beside_cohort, cohort_score
from seamline.ranking.scorer import Scorer

SCORING = dataclasses.replace(
    ScoringSpec.of_parts(5), copy_slope=2.0, copy_offset=-3.0, copy_cohort=-2.0, cohort_scores=(0.2, 0.5, 1.5)
)
SPEC = Spec("five", unnamed_parts(16), SCORING)
EQUAL = np.full(5, 0.2, np.float32)


def unit(*shape: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def scorer(query: np.ndarray, cohort: np.ndarray | None, spec: Spec = SPEC) -> Scorer:
    return Scorer.of_spec(spec, query, RANKINGS["partial"], EQUAL, cohort)


def test_the_nearest_count_but_the_very_nearest_which_may_be_copies() -> None:
    scores = np.random.default_rng(0).permutation(np.arange(1000)).astype(np.float32)
    assert cohort_score(scores) == pytest.approx(np.mean(np.arange(990, 997)))
    scores[scores > 996] = 1e9
    assert cohort_score(scores) == pytest.approx(np.mean(np.arange(990, 997)))


def test_a_small_cohort_has_no_score() -> None:
    assert cohort_score(np.zeros(511, np.float32)) is None
    assert cohort_score(np.zeros(512, np.float32)) == 0


def test_it_is_bounded_by_what_calibration_saw_and_nothing_where_it_is_usual_or_unknown() -> None:
    assert [beside_cohort(score, SCORING) for score in (None, 0.5, 1.0, 1.5, 9.0, 0.2, -9.0)] == pytest.approx(
        [0, 0, -1, -2, -2, 0.6, 0.6]
    )


def test_the_same_hit_of_a_query_that_many_garments_resemble_is_less_likely_a_copy() -> None:
    query = unit(5, 16)
    hit = unit(5, 16, seed=1) * 0.3 + query
    hit /= np.linalg.norm(hit, axis=-1, keepdims=True)
    strangers = unit(600, 5, 16, seed=2)
    alike = strangers + query
    alike /= np.linalg.norm(alike, axis=-1, keepdims=True)
    rare, common, alone = (scorer(query, cohort).score(hit[None]) for cohort in (strangers, alike, None))
    assert common.copy_probability[0] < rare.copy_probability[0]
    assert rare.score[0] == common.score[0] == alone.score[0]
    few = scorer(query, alike[:100]).score(hit[None])
    assert few.copy_probability[0] == alone.copy_probability[0]


def test_without_a_measured_slope_the_cohort_says_nothing() -> None:
    plain = dataclasses.replace(SPEC, scoring=dataclasses.replace(SCORING, copy_cohort=0.0))
    query, cohort = unit(5, 16), unit(600, 5, 16, seed=2)
    assert scorer(query, cohort, plain).cohort_score is None
