"""Figures on cases small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seamline.metrics import (
    bootstrap_interval,
    detection_average_precision,
    expected_calibration_error,
    hit_at_k,
    match_boxes,
    rank_of,
    recall_at_k,
    retrieval_average_precision,
    roc_auc,
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


def test_detection_average_precision_is_the_area_under_the_monotone_curve() -> None:
    # hit, miss, hit of two true boxes: precision 1 at recall 1/2, then 2/3 at recall 1
    assert detection_average_precision([0.9, 0.8, 0.7], [True, False, True], 2) == pytest.approx((1 + 2 / 3) / 2)
    # the order of the boxes does not count, only their scores
    assert detection_average_precision([0.7, 0.9, 0.8], [True, True, False], 2) == pytest.approx((1 + 2 / 3) / 2)


def test_what_is_not_found_lowers_average_precision() -> None:
    assert detection_average_precision([0.9], [True], 4) == pytest.approx(0.25)
    assert detection_average_precision([], [], 4) == 0.0
    assert math.isnan(detection_average_precision([0.9], [False], 0))


def test_ranks_count_ties_against_the_answer() -> None:
    assert rank_of([0.9, 0.5, 0.5], [False, True, False]) == 3
    assert rank_of([0.9, 0.5, 0.1], [True, False, True]) == 1
    assert rank_of([0.9], [False]) == math.inf
    assert hit_at_k([1, 2, math.inf], 1).tolist() == [1.0, 0.0, 0.0]


def test_retrieval_figures_of_one_query() -> None:
    scores, answer = [0.9, 0.8, 0.7, 0.6], [True, False, True, False]
    assert retrieval_average_precision(scores, answer) == pytest.approx((1 + 2 / 3) / 2)
    assert recall_at_k(scores, answer, 2) == 0.5
    assert recall_at_k(scores, answer, 3) == 1.0
    assert math.isnan(recall_at_k(scores, [False] * 4, 3))


def test_mean_average_precision_of_single_answers_is_the_mean_reciprocal_rank() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        scores = random.normal(size=30)
        answer = np.arange(30) == random.integers(30)
        assert retrieval_average_precision(scores, answer) == pytest.approx(1 / rank_of(scores, answer))


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
