from __future__ import annotations

from itertools import combinations

import pytest

from seamline.report.drawing import shapes
from seamline.report.model import Box
from seamline.report.words import listed, percent

NESTED = [(10.0, 10.0, 90.0, 90.0)] * 3 + [(10.0, 10.0, 40.0, 40.0), (60.0, 60.0, 90.0, 90.0)]


def drawn(boxes: list[Box], size: tuple[int, int] = (100, 100)) -> list[Box]:
    return [shape.label for shape in shapes([(box, "1", "#000000", "kept") for box in boxes], size)]


def apart(a: Box, b: Box) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_labels_of_boxes_that_share_corners_stay_apart() -> None:
    assert all(apart(a, b) for a, b in combinations(drawn(NESTED), 2))


@pytest.mark.parametrize("box", [(-50.0, -50.0, 20.0, 20.0), (95.0, 95.0, 300.0, 300.0), (40.0, 40.0, 40.5, 40.5)])
def test_labels_stay_inside_the_photo(box: Box) -> None:
    x0, y0, x1, y1 = drawn([box])[0]
    assert 0 <= x0 < x1 <= 100
    assert 0 <= y0 < y1 <= 100


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
