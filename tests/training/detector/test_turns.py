"""Pictures turned by any angle: their map goes with them, and the garment stays as large along its own axes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.training.detector.album import Picture
from seamline.training.detector.tiles import Tile
from seamline.training.detector.turns import any_turn, rotated


def tile() -> Tile:
    """A bright garment, 24 wide and 60 high, whose upper third is red."""
    garments = np.zeros((100, 80), np.uint8)
    garments[20:80, 30:54] = 1
    rgb = np.zeros((100, 80, 3), np.uint8)
    rgb[20:80, 30:54] = 200
    rgb[20:40, 30:54] = (200, 0, 0)
    return Tile(Image.fromarray(rgb), garments, (2,), (1.0,))


@pytest.mark.parametrize("degrees", [90, 180, 270, 30, -65, 145])
def test_a_turned_garment_is_as_large_as_before_along_its_own_axes(degrees: float) -> None:
    changed = rotated(tile(), degrees, np.random.default_rng(0))
    assert np.degrees(changed.turn) % 360 == pytest.approx(degrees % 360)
    along, down = on_its_axes(changed)
    assert (np.ptp(along) + 1, np.ptp(down) + 1) == pytest.approx((24, 60), abs=2.5)


@pytest.mark.parametrize("degrees", [90, 180, 270, 30, -65, 145])
def test_its_top_is_where_the_turn_says(degrees: float) -> None:
    changed = rotated(tile(), degrees, np.random.default_rng(0))
    _, down = on_its_axes(changed)
    pixels = np.asarray(changed.rgb)[changed.garments == 1]
    top, bottom = (pixels[np.argsort(down)[part]].mean(0) for part in (slice(200), slice(-200, None)))
    assert top[1] < 60 < bottom[1]


def on_its_axes(tile: Tile) -> tuple[np.ndarray, np.ndarray]:
    """Where the garment's pixels lie along its own axes."""
    y, x = np.nonzero(tile.garments == 1)
    cosine, sine = np.cos(tile.turn), np.sin(tile.turn)
    return cosine * x + sine * y, cosine * y - sine * x


def test_nothing_of_a_turned_picture_is_lost() -> None:
    for seed in range(12):
        changed = rotated(tile(), float(np.random.default_rng(seed).uniform(-180, 180)), np.random.default_rng(seed))
        assert np.count_nonzero(changed.garments) == pytest.approx(24 * 60, rel=0.05)


def test_filled_boxes_are_turned_by_quarters_alone() -> None:
    empty = np.zeros((4, 4), np.uint8)
    picture = Picture(np.zeros((4, 4, 3), np.uint8), empty, (), "silhouette", exact=False)
    assert {any_turn(picture, np.random.default_rng(seed)) for seed in range(40)} == {90.0, 180.0, 270.0}
