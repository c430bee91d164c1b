"""Figures on cases small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seamline.core.metrics import (
    bootstrap_interval,
    detection_average_precision,
    expected_calibration_error,
    first_rank,
    grouped_bootstrap_interval,
    hit_at_k,
    match_boxes,
    match_told_boxes,
    recall_at_k,
    relevance_in_order,
    reliability,
    retrieval_average_precision,
    roc_auc,
    roc_curve,
)


def test_a_true_box_is_matched_once_and_by_the_stronger_box() -> None:
    boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]]
    assert match_boxes(boxes, [[0, 0, 10, 10], [40, 40, 50, 50]], 0.5).tolist() == [True, False, False]


def test_a_box_takes_the_free_true_box_that_it_fits_best() -> None:
    truth = [[0, 0, 10, 10], [0, 0, 10, 12]]
    assert match_boxes([[0, 0, 10, 12], [0, 0, 10, 11]], truth, 0.5).tolist() == [True, True]


def test_matching_takes_photos_without_boxes_or_without_garments() -> None:
    assert match_boxes(np.zeros((0, 4)), [[0, 0, 1, 1]], 0.5).tolist() == []
    assert match_boxes([[0, 0, 1, 1]], np.zeros((0, 4)), 0.5).tolist() == [False]


def test_a_box_on_what_nobody_knows_is_neither_right_nor_wrong() -> None:
    known, unknown, nothing = [0, 0, 10, 10], [20, 0, 30, 10], [50, 50, 60, 60]
    hits, counted = match_told_boxes([unknown, known, unknown, nothing], [known], [unknown], 0.5)
    assert hits.tolist() == [False, True, False, False]
    assert counted.tolist() == [False, True, True, True]


def test_a_box_counts_as_right_before_it_counts_for_nothing() -> None:
    hits, counted = match_told_boxes([[0, 0, 10, 10]], [[0, 0, 10, 10]], [[0, 0, 10, 10]], 0.5)
    assert (hits.tolist(), counted.tolist()) == ([True], [True])
    assert [part.tolist() for part in match_told_boxes([], [], [[0, 0, 1, 1]], 0.5)] == [[], []]


def test_detection_average_precision_is_the_area_under_the_monotone_curve() -> None:
    # hit, miss, hit of two true boxes: precision 1 at recall 1/2, then 2/3 at recall 1
    assert detection_average_precision([0.9, 0.8, 0.7], [True, False, True], 2) == pytest.approx((1 + 2 / 3) / 2)
    # the order of the boxes does not count, only their scores
    assert detection_average_precision([0.7, 0.9, 0.8], [True, True, False], 2) == pytest.approx((1 + 2 / 3) / 2)


def test_what_is_not_found_lowers_average_precision() -> None:
    assert detection_average_precision([0.9], [True], 4) == pytest.approx(0.25)
    assert detection_average_precision([], [], 4) == 0.0
    assert math.isnan(detection_average_precision([0.9], [False], 0))


def test_ties_count_against_the_relevant() -> None:
    assert relevance_in_order([0.9, 0.5, 0.5], [False, True, False]).tolist() == [False, False, True]
    assert first_rank(relevance_in_order([0.9, 0.5, 0.5], [False, True, False])) == 3
    assert first_rank(relevance_in_order([0.9, 0.5, 0.1], [True, False, True])) == 1
    assert first_rank(relevance_in_order([0.9], [False])) == math.inf


def test_what_was_not_scored_comes_last() -> None:
    scores, relevant = [-math.inf, 0.1, -math.inf], [True, False, False]
    assert relevance_in_order(scores, relevant).tolist() == [False, False, True]


def test_both_readings_of_recall_and_average_precision_of_one_query() -> None:
    ordered = relevance_in_order([0.9, 0.8, 0.7, 0.6], [False, True, False, True])
    assert [hit_at_k(ordered, k) for k in (1, 2, 4)] == [0.0, 1.0, 1.0]
    assert [recall_at_k(ordered, k) for k in (1, 2, 4)] == [0.0, 0.5, 1.0]
    assert retrieval_average_precision(ordered) == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_queries_are_rows_and_one_without_relevant_answers_has_no_figures() -> None:
    ordered = relevance_in_order([[0.1, 0.9], [0.9, 0.1]], [[True, False], [False, False]])
    assert first_rank(ordered).tolist() == [2.0, math.inf]
    assert hit_at_k(ordered, 1).tolist() == [0.0, 0.0]
    for figures in (recall_at_k(ordered, 2), retrieval_average_precision(ordered)):
        assert np.isnan(figures).tolist() == [False, True]
    assert retrieval_average_precision(ordered)[0] == 0.5


def test_mean_average_precision_of_single_answers_is_the_mean_reciprocal_rank() -> None:
    random = np.random.default_rng(0)
    scores, place = random.normal(size=(20, 30)), random.integers(30, size=20)
    ordered = relevance_in_order(scores, np.arange(30) == place[:, None])
    np.testing.assert_allclose(retrieval_average_precision(ordered), 1 / first_rank(ordered))


def test_roc_auc_is_the_share_of_pairs_in_order() -> None:
    random = np.random.default_rng(1)
    scores, positive = random.integers(0, 6, 60), random.random(60) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    assert roc_auc(scores, positive) == pytest.approx(np.mean(pairs))
    assert math.isnan(roc_auc([1.0], [True]))


def test_calibration_error_weighs_bins_by_their_cases() -> None:
    # ten predictions of .95 of which five come true, ten of .05 of which none does
    stated = [0.95] * 10 + [0.05] * 10
    outcome = [True] * 5 + [False] * 15
    assert expected_calibration_error(stated, outcome) == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert math.isnan(expected_calibration_error([], []))


def test_the_bootstrap_interval_is_seeded_and_holds_the_mean() -> None:
    values = np.random.default_rng(2).normal(3.0, 1.0, 400)
    low, high = bootstrap_interval(values)
    assert (low, high) == bootstrap_interval(values)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(400), rel=0.15)
    assert bootstrap_interval(values, statistic=lambda rows: np.median(rows, axis=1)) != (low, high)
    assert all(math.isnan(bound) for bound in bootstrap_interval([]))


def test_the_area_under_the_roc_curve_is_the_auc() -> None:
    random = np.random.default_rng(3)
    scores, positive = random.integers(0, 9, 200), random.random(200) < 0.3
    false, true = roc_curve(scores, positive)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapz(true, false) == pytest.approx(roc_auc(scores, positive))


def test_reliability_gives_each_bin_its_stated_and_observed_share() -> None:
    stated, observed, count = reliability([0.1, 0.15, 0.9, 1.0], [False, True, True, True], bins=2)
    assert count.tolist() == [2, 2]
    assert stated.tolist() == pytest.approx([0.125, 0.95])
    assert observed.tolist() == [0.5, 1.0]
    assert np.isnan(reliability([0.9], [True], bins=2)[0][0])


def test_the_grouped_interval_is_wider_where_the_cases_of_a_query_agree() -> None:
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(40), 10)
    alike = np.repeat(random.random(40) < 0.5, 10).astype(float)
    alone = random.permutation(alike)

    def width(values: np.ndarray) -> float:
        low, high = grouped_bootstrap_interval(groups, lambda rows: float(values[rows].mean()))
        assert low < values.mean() < high
        return high - low

    assert width(alike) > 2 * width(alone)
    assert width(alike) == width(alike)


def test_a_grouped_interval_of_nothing_is_unknown() -> None:
    assert all(math.isnan(bound) for bound in grouped_bootstrap_interval([], lambda rows: 0.0))
    assert all(math.isnan(bound) for bound in grouped_bootstrap_interval([1, 2], lambda rows: math.nan))
