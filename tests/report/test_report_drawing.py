from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from seamline.core.box_corners import box_corners
from seamline.report.drawing import corners_of, shapes
from seamline.report.model import Box
from seamline.report.words import listed, percent
from tests.support.scenes import turned

NESTED = [(10.0, 10.0, 90.0, 90.0)] * 3 + [(10.0, 10.0, 40.0, 40.0), (60.0, 60.0, 90.0, 90.0)]


def drawn(boxes: list[Box], size: tuple[int, int] = (100, 100), degrees: float = 0) -> list[Box]:
    """The labels of boxes that are turned about the photo's middle."""
    corners = [corners_of(turned(box_corners(box), (size[0] / 2, size[1] / 2), degrees)) for box in boxes]
    return [shape.label for shape in shapes([(own, "1", "#000000", "kept") for own in corners], size)]


def apart(a: Box, b: Box) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_labels_of_boxes_that_share_corners_stay_apart() -> None:
    assert all(apart(a, b) for a, b in combinations(drawn(NESTED), 2))


@pytest.mark.parametrize("box", [(-50.0, -50.0, 20.0, 20.0), (95.0, 95.0, 300.0, 300.0), (40.0, 40.0, 40.5, 40.5)])
def test_labels_stay_inside_the_photo(box: Box) -> None:
    x0, y0, x1, y1 = drawn([box])[0]
    assert 0 <= x0 < x1 <= 100
    assert 0 <= y0 < y1 <= 100


@pytest.mark.parametrize("degrees", [20, 45, 70, 160])
def test_the_label_of_a_turned_box_lies_in_the_box_near_a_corner(degrees: float) -> None:
    box = (20.0, 30.0, 80.0, 70.0)
    x0, y0, x1, y1 = drawn([box], degrees=degrees)[0]
    (back,) = turned(np.array([[(x0 + x1) / 2, (y0 + y1) / 2]], np.float32), (50, 50), -degrees)
    assert box[0] < back[0] < box[2]
    assert box[1] < back[1] < box[3]
    assert np.hypot(*(box_corners(box) - back).T).min() < 10


@pytest.mark.parametrize("degrees", [20, 45, 180])
def test_labels_of_turned_boxes_that_share_corners_stay_apart(degrees: float) -> None:
    assert all(apart(a, b) for a, b in combinations(drawn(NESTED, degrees=degrees), 2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not stated"),
        (1.0, "over 99 %"),
        (0.994, "99 %"),
        (0.5, "50 %"),
        (0.004, "under 1 %"),
        (0.0, "under 1 %"),
    ],
)
def test_probabilities_claim_no_certainty(value: float | None, text: str) -> None:
    assert percent(value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("names", "text"), [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_read_as_sentences(names: list[str], text: str) -> None:
    assert listed(names) == text
