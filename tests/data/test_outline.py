"""Setting a silhouette upright."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.data.outline import corner, notch_facing, turning, upright
from tests.data.shapes import TSHIRT, mask_of, turned


@pytest.mark.parametrize("tilt", [-12.0, 0.0, 8.0])
def test_a_turned_garment_is_set_upright_and_points_are_led_back(tilt: float) -> None:
    outline = upright(mask_of(TSHIRT, tilt))
    assert abs(abs(outline.tilt) - abs(tilt)) <= 2.0
    assert outline.symmetry > 0.95
    hem = outline.in_mask(corner(outline.contour, (-0.55, 1.0)))
    truth = turned(TSHIRT, tilt)[list(TSHIRT).index("hem_left")]
    assert np.linalg.norm(hem - truth) < 8


def test_the_contour_starts_at_the_top_and_runs_down_the_left() -> None:
    outline = upright(mask_of(TSHIRT))
    assert abs(outline.contour[0, 0]) < 2
    path = outline.left_path()
    assert path[:, 0].max() < 3
    assert path[0, 1] == pytest.approx(outline.box[1], abs=3)
    assert path[-1, 1] == pytest.approx(outline.box[3], abs=3)


def test_the_mirrored_outline_leads_to_the_same_pixels() -> None:
    outline = upright(mask_of(TSHIRT, 6.0))
    mirrored = outline.mirrored()
    point = outline.contour[50]
    assert np.allclose(mirrored.in_mask(point * (-1.0, 1.0)), outline.in_mask(point))
    assert mirrored.left_path()[:, 0].max() < 3


def test_turning_is_positive_at_outer_corners_and_negative_in_notches() -> None:
    along, still = np.arange(50.0), np.zeros(50)
    outer = np.concatenate([np.column_stack([-along, still]), np.column_stack([still - 49, along])[1:]])
    assert turning(outer, 15)[49] == pytest.approx(90, abs=10)
    notch = np.concatenate([np.column_stack([along, still]), np.column_stack([still + 49, along])[1:]])
    assert turning(notch, 15)[49] == pytest.approx(-90, abs=10)
    assert notch_facing(notch, 15)[49] > 0.5
