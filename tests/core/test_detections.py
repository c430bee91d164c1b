from __future__ import annotations

import numpy as np

from seamline.core.detections import category_in, intersection_over_union, place_of, suppress
from seamline.core.spec import CATEGORIES, DetectorSpec

SPEC = DetectorSpec(score_threshold=0.3, iou_threshold=0.6, max_garments=3)


def scores_of(*pairs: tuple[str, float]) -> np.ndarray:
    rows = np.zeros((len(pairs), len(CATEGORIES)), np.float32)
    for row, (name, value) in zip(rows, pairs, strict=True):
        row[CATEGORIES.index(name)] = value
    return rows


def test_overlap_of_known_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    np.testing.assert_allclose(intersection_over_union(boxes[0], boxes), [1, 1 / 3, 0])


def test_overlapping_boxes_are_one_garment_of_the_best_category() -> None:
    boxes = np.array([[0, 0, 100, 100], [4, 2, 100, 100], [200, 0, 300, 100]], np.float32)
    found = suppress(boxes, scores_of(("vest", 0.6), ("sling", 0.9), ("skirt", 0.5)), SPEC)
    assert found.categories == ("sling", "skirt")
    np.testing.assert_allclose(found.scores, [0.9, 0.5])


def test_a_box_is_the_mean_of_those_around_it_the_nearest_and_surest_counting_most() -> None:
    boxes = np.array([[0, 0, 100, 100], [10, 0, 110, 100], [0, 0, 100, 60], [60, 0, 160, 100]], np.float32)
    (alone,) = suppress(boxes[:1], scores_of(("vest", 0.9)), SPEC).boxes
    np.testing.assert_allclose(alone, boxes[0])
    (sure,) = suppress(boxes[:2], scores_of(("vest", 0.9), ("vest", 0.8)), SPEC).boxes
    (unsure,) = suppress(boxes[:2], scores_of(("vest", 0.9), ("vest", 0.1)), SPEC).boxes
    assert 0 < unsure[0] < sure[0] < 5
    (far,) = suppress(boxes[[0, 2]], scores_of(("vest", 0.9), ("vest", 0.8)), SPEC).boxes
    assert 98 < far[3] < 100
    (apart,) = suppress(boxes[[0, 3]], scores_of(("vest", 0.9), ("vest", 0.2)), SPEC).boxes
    np.testing.assert_allclose(apart, boxes[0])


def test_a_garment_is_named_by_all_boxes_around_it_and_by_none_beside_it() -> None:
    boxes = np.array([[0, 0, 100, 100], [1, 0, 101, 100], [0, 1, 100, 101], [0, 0, 100, 40]], np.float32)
    found = suppress(boxes, scores_of(("vest", 0.6), ("sling", 0.5), ("sling", 0.5), ("skirt", 0.9)), SPEC)
    assert found.categories == ("skirt", "sling")
    np.testing.assert_allclose(found.scores, [0.9, 0.6])


def test_weak_and_tiny_boxes_are_dropped() -> None:
    boxes = np.array([[0, 0, 100, 100], [0, 0, 2, 50]], np.float32)
    assert len(suppress(boxes, scores_of(("vest", 0.2), ("vest", 0.9)), SPEC)) == 0


def test_no_more_garments_than_the_next_step_takes() -> None:
    boxes = np.array([[100 * i, 0, 100 * i + 50, 50] for i in range(8)], np.float32)
    found = suppress(boxes, scores_of(*[("vest", 0.4 + 0.05 * i) for i in range(8)]), SPEC)
    np.testing.assert_allclose(found.boxes[:, 0], [700, 600, 500])


def test_category_of_a_given_box_is_that_of_the_overlapping_candidates() -> None:
    boxes = np.array([[0, 0, 100, 100], [200, 0, 300, 100]], np.float32)
    scores = scores_of(("vest", 0.4), ("skirt", 0.9))
    assert category_in(np.array([5, 5, 100, 95], np.float32), boxes, scores) == "vest"


def test_a_given_box_belongs_to_the_place_that_overlaps_it_best_and_of_equals_to_the_surest() -> None:
    boxes = np.array([[0, 0, 100, 100], [0, 0, 100, 100], [60, 60, 200, 200]], np.float32)
    scores = scores_of(("vest", 0.5), ("vest", 0.7), ("skirt", 0.9))
    assert place_of(np.array([5, 5, 100, 95], np.float32), boxes, scores) == 1
