"""Main colours and look-alikes."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.evaluation.look_alikes import lab, main_colour


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(rgb: tuple[int, ...], expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(lab(np.array(rgb, np.uint8)), expected, atol=0.1)


def test_the_main_colour_is_that_of_the_middle_whatever_is_printed_on_it() -> None:
    crop = np.full((90, 90, 3), 250, np.uint8)
    crop[20:70, 20:70] = 30, 60, 150
    crop[40:50, 40:50] = 255, 0, 0
    np.testing.assert_allclose(main_colour(crop), lab(np.array((30, 60, 150), np.uint8)), atol=1e-3)
