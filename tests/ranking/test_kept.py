"""Thresholds of regions that move with the pair."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec
from seamline.ranking.kept import kept_log_odds, kept_thresholds, others_mean
from seamline.systems.psnet.spec import region_parts
from seamline.systems.psnet_lite.spec import lite_parts

KEPT_ABOVE = (0.6, 0.7, 0.8, 0.6, 0.6)
NAN = float("nan")
REGIONS = region_parts(4)


def scoring(slope: float, parts: Parts = REGIONS, usual: float = 0.7) -> ScoringSpec:
    above = (*KEPT_ABOVE, 0.5, 0.5)[: len(parts)]
    plain = dataclasses.replace(ScoringSpec.of_parts(len(parts)), kept_above=above, znorm_std=(0.1,) * len(parts))
    return dataclasses.replace(plain, kept_context=(slope,) * len(parts), kept_usual=usual)


def thresholds(similarity: list[float], slope: float, parts: Parts = REGIONS) -> list[float]:
    return kept_thresholds(np.array(similarity, np.float32), parts, scoring(slope, parts)).tolist()


def test_without_a_slope_every_pair_has_the_same_thresholds() -> None:
    assert thresholds([0.9, 0.1, NAN, 0.5, 0.5], 0.0) == pytest.approx(KEPT_ABOVE)


def test_regions_are_asked_for_less_where_the_others_are_less_alike() -> None:
    low, usual, high = (thresholds([value] * 5, 0.5) for value in (0.4, 0.7, 0.9))
    assert usual == pytest.approx(KEPT_ABOVE)
    assert low == pytest.approx(np.array(KEPT_ABOVE) - 0.15)
    assert high == pytest.approx(np.array(KEPT_ABOVE) + 0.1)


def test_no_region_is_kept_that_is_hardly_more_alike_than_unrelated_ones() -> None:
    assert thresholds([0.0] * 5, 0.9) == pytest.approx([0.25] * 5)


def test_the_region_itself_and_those_that_cannot_be_compared_do_not_move_it() -> None:
    first = thresholds([0.1, 0.8, NAN, 0.6, NAN], 0.5)
    assert thresholds([0.9, 0.8, NAN, 0.6, NAN], 0.5)[0] == pytest.approx(first[0]) == pytest.approx(0.6)


def test_a_region_alone_has_its_own_threshold() -> None:
    assert thresholds([NAN, 0.2, NAN, NAN, NAN], 0.5)[1] == pytest.approx(0.7)
    assert np.isfinite(thresholds([NAN] * 5, 0.5)).all()


def test_parts_of_the_whole_neither_move_nor_are_moved() -> None:
    parts = lite_parts(4)
    own = thresholds([0.4] * 5 + [0.1, 0.1], 0.5, parts)
    assert own[5:] == [0.5, 0.5]
    assert own == pytest.approx(thresholds([0.4] * 5 + [0.9, 0.9], 0.5, parts))


def test_many_pairs_at_once_are_judged_as_each_alone() -> None:
    similarity = np.random.default_rng(0).uniform(0, 1, (3, 4, 5)).astype(np.float32)
    similarity[0, 1, 2] = np.nan
    together = kept_thresholds(similarity, REGIONS, scoring(0.5))
    assert together.shape == (3, 4, 5)
    np.testing.assert_allclose(together[0, 1], thresholds(similarity[0, 1].tolist(), 0.5), atol=1e-6)


def test_the_mean_of_the_others_is_not_known_where_there_are_none() -> None:
    assert others_mean(np.array([0.2, 0.4, 0.9], np.float32)).tolist() == pytest.approx([0.65, 0.55, 0.3])
    assert np.isnan(others_mean(np.array([0.2, NAN], np.float32))).tolist() == [True, False]


def test_log_odds_are_even_at_the_threshold_and_steeper_where_a_region_says_more() -> None:
    similarity = np.array([0.6, 0.9, NAN, 0.5, 0.7], np.float32)
    spec = dataclasses.replace(ScoringSpec.of_parts(5), kept_above=KEPT_ABOVE, kept_slope=(5.0, 10.0, 5.0, 5.0, 5.0))
    odds = kept_log_odds(similarity, REGIONS, spec)
    assert odds[[0, 1, 3, 4]].tolist() == pytest.approx([0.0, 2.0, -0.5, 0.5], abs=1e-5)
    assert np.isnan(odds[2])
    unmeasured = kept_log_odds(similarity, REGIONS, dataclasses.replace(spec, kept_slope=()))
    assert unmeasured[1] == pytest.approx(0.2)
