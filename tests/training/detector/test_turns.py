"""Pictures turned by any angle: their map goes with them, and the boxes along a garment's own axes stay as large."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.training.detector.album import Picture
from seamline.training.detector.tiles import Tile
from seamline.training.detector.turns import any_turn, rotated, upright_boxes


def tile() -> Tile:
    """A bright garment, 24 wide and 60 high, whose upper third is red."""
    garments = np.zeros((100, 80), np.uint8)
    garments[20:80, 30:54] = 1
    rgb = np.zeros((100, 80, 3), np.uint8)
    rgb[20:80, 30:54] = 200
    rgb[20:40, 30:54] = (200, 0, 0)
    return Tile(Image.fromarray(rgb), garments, (2,), (1.0,))


def test_a_garment_that_is_not_turned_has_its_own_box() -> None:
    (found,) = upright_boxes(tile())
    assert found == ((30.0, 20.0, 54.0, 80.0), 2, 1, (42.0, 50.0, 24.0, 60.0, 1.0, 0.0))


@pytest.mark.parametrize("degrees", [90, 180, 270, 30, -65, 145])
def test_a_turned_garment_is_as_large_as_before_along_its_own_axes(degrees: float) -> None:
    changed = rotated(tile(), degrees, np.random.default_rng(0))
    ((box, _, _, (x, y, width, height, cosine, sine)),) = upright_boxes(changed)
    assert (width, height) == pytest.approx((24, 60), abs=2.5)
    assert np.degrees(np.arctan2(sine, cosine)) % 360 == pytest.approx(degrees % 360)
    assert box[0] < x < box[2]
    assert box[1] < y < box[3]


@pytest.mark.parametrize("degrees", [90, 180, 270, 30, -65, 145])
def test_its_top_is_where_the_turn_says(degrees: float) -> None:
    changed = rotated(tile(), degrees, np.random.default_rng(0))
    ((_, _, _, (x, y, _, height, cosine, sine)),) = upright_boxes(changed)
    pixels = np.asarray(changed.rgb)
    top = pixels[round(y - 0.4 * height * cosine), round(x + 0.4 * height * sine)]
    bottom = pixels[round(y + 0.4 * height * cosine), round(x - 0.4 * height * sine)]
    assert top[1] < 60 < bottom[1]


def test_nothing_of_a_turned_picture_is_lost() -> None:
    for seed in range(12):
        changed = rotated(tile(), float(np.random.default_rng(seed).uniform(-180, 180)), np.random.default_rng(seed))
        assert np.count_nonzero(changed.garments) == pytest.approx(24 * 60, rel=0.05)


def test_filled_boxes_are_turned_by_quarters_alone() -> None:
    empty = np.zeros((4, 4), np.uint8)
    picture = Picture(np.zeros((4, 4, 3), np.uint8), empty, (), "silhouette", exact=False)
    assert {any_turn(picture, np.random.default_rng(seed)) for seed in range(40)} == {90.0, 180.0, 270.0}
