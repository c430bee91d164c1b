"""Detection figures on boxes whose figures are known."""

import math

import numpy as np
import pytest

from seamline.core.detections import ScoredBoxes

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.core.metrics import match_boxes
from seamline.training.detector.figures import (
    GroundTruth,
    PhotoDetections,
    at_threshold,
    average_precision,
    best_overlaps,
    false_alarms,
)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def detected(
    truth: np.ndarray, found: np.ndarray, scores: list[float], name: str = "skirt", found_name: str = "skirt"
) -> PhotoDetections:
    found_names = (found_name,) * len(found)
    return PhotoDetections(
        GroundTruth(truth, (name,) * len(truth)),
        ScoredBoxes(found, np.array(scores, np.float32), found_names, np.arange(len(found))),
    )


A, B, C = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (40.0, 40.0, 50.0, 50.0)


def test_all_boxes_found_and_nothing_else_is_a_precision_of_one() -> None:
    assert average_precision([detected(boxes(A, B), boxes(A, B), [0.9, 0.8])], 0.5) == 1.0


def test_a_strong_wrong_box_halves_the_precision_of_one_garment() -> None:
    assert average_precision([detected(boxes(A), boxes(C, A), [0.9, 0.8])], 0.5) == pytest.approx(0.5)


def test_a_missed_garment_costs_its_share_of_recall() -> None:
    assert average_precision([detected(boxes(A, B), boxes(A), [0.9])], 0.5) == pytest.approx(0.5)


def test_a_second_box_on_the_same_garment_is_wrong() -> None:
    assert match_boxes(boxes(A, A), boxes(A), 0.5).tolist() == [True, False]


def test_categories_count_only_when_one_is_asked_for() -> None:
    photos = [detected(boxes(A), boxes(A), [0.9], "skirt", "shorts")]
    assert average_precision(photos, 0.5) == 1.0
    assert average_precision(photos, 0.5, "skirt") == 0.0
    assert math.isnan(average_precision(photos, 0.5, "vest"))


def test_a_garment_of_which_no_category_is_told_neither_helps_nor_hurts_one() -> None:
    under_a_coat = detected(boxes(B), boxes(B), [0.9], "top", "long sleeve top")
    bare = detected(boxes(A), boxes(A), [0.8], "long sleeve top", "long sleeve top")
    assert average_precision([under_a_coat, bare], 0.5, "long sleeve top") == 1.0
    assert average_precision([under_a_coat, bare], 0.5) == 1.0
    as_trousers = detected(boxes(B), boxes(B), [0.9], "top", "trousers")
    trousers = detected(boxes(A), boxes(A), [0.8], "trousers", "trousers")
    assert average_precision([as_trousers, trousers], 0.5, "trousers") == pytest.approx(0.5)


def test_the_best_overlap_is_that_of_the_strongest_box() -> None:
    photos = [
        detected(boxes(A), boxes(C, A), [0.9, 0.8]),
        detected(boxes(A), boxes(A), [0.5]),
        detected(boxes(A), boxes(), []),
    ]
    assert best_overlaps(photos).tolist() == [0.0, 1.0, 0.0]


def test_precision_recall_and_false_alarms_at_a_threshold() -> None:
    photos = [detected(boxes(A, B), boxes(A, C), [0.9, 0.4]), detected(boxes(), boxes(C), [0.6])]
    assert at_threshold(photos, 0.5) == (0.5, 0.5)
    assert at_threshold(photos, 0.3) == (pytest.approx(1 / 3), 0.5)
    assert false_alarms(photos[1:], 0.5) == 1.0
    assert false_alarms(photos[1:], 0.7) == 0.0
