"""Stored crops and the views that are drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.image import crop_square, decode, square_box
from seamline.core.spec import LANDMARKS, CropSpec, PhotoSpec
from seamline.training.augment import Augmentation, plain_view, random_view, view_of
from seamline.training.crops import ABSENT, OCCLUDED, PRESENT, CropStore

SIDE = CropSpec().side


def serving_crop(store: CropStore, index: int) -> tuple[np.ndarray, np.ndarray]:
    label = store.labels[index]
    with open(label.photo, "rb") as file:
        rgb = decode(file.read()).rgb
    return crop_square(rgb, label.box, SIDE, CropSpec().margin, PhotoSpec().fill)


def test_the_plain_view_is_the_crop_that_serving_makes(store: CropStore) -> None:
    for index in range(len(store)):
        crop, _ = serving_crop(store, index)
        difference = np.abs(plain_view(store, index, SIDE).pixels.astype(int) - crop)
        assert np.median(difference) <= 1
        assert difference.mean() < 4


def test_points_of_the_plain_view_lie_where_the_label_says(store: CropStore) -> None:
    for index, label in enumerate(store.labels):
        view = plain_view(store, index, SIDE)
        square = square_box(label.box, CropSpec().margin)
        for name, place, state in zip(LANDMARKS, view.points, view.state, strict=True):
            point = label.points[name]
            assert (state == PRESENT) == (point is not None)
            if point is not None:
                expected = (np.array(point) - square[:2]) * SIDE / (square[2] - square[0])
                np.testing.assert_allclose(place, expected, atol=0.01)


def test_a_mirrored_view_exchanges_left_and_right(store: CropStore) -> None:
    plain, mirrored = plain_view(store, 0, SIDE), view_of(store, 0, SIDE, flip=True)
    left, right = LANDMARKS.index("shoulder_left"), LANDMARKS.index("shoulder_right")
    np.testing.assert_allclose(mirrored.points[left], [SIDE, 0] + plain.points[right] * [-1, 1], atol=0.01)
    difference = np.abs(mirrored.pixels[:, ::-1].astype(int) - plain.pixels)
    assert difference.mean() < 2


def test_the_mask_follows_the_pixels(store: CropStore) -> None:
    random = np.random.default_rng(0)
    for index in range(len(store)):
        view = random_view(store, index, SIDE, Augmentation(), random)
        inside = view.points[view.state == PRESENT].mean(0).astype(int)
        assert view.mask[inside[1], inside[0]] > 0


def test_a_point_below_a_cut_out_piece_is_hidden_and_deep_below_it_absent(store: CropStore) -> None:
    plain, cut = (Augmentation(background=0, colour=0, blur=0, cutout=share) for share in (0.0, 1.0))
    hidden = []
    for seed in range(60):
        before, after = (random_view(store, 0, SIDE, each, np.random.default_rng(seed)) for each in (plain, cut))
        column, row = before.points.astype(int).T.clip(0, SIDE - 1)
        changed = (before.pixels != after.pixels).any(-1)[row, column] & (before.state == PRESENT)
        hidden += after.state[changed].tolist()
        assert (before.state != after.state).any() <= changed.any()
    assert set(hidden) == {OCCLUDED, ABSENT}


@pytest.mark.parametrize("side", [160, 224])
def test_the_same_generator_gives_the_same_view(store: CropStore, side: int) -> None:
    views = [random_view(store, 1, side, Augmentation(), np.random.default_rng(7)) for _ in range(2)]
    np.testing.assert_array_equal(views[0].pixels, views[1].pixels)
    np.testing.assert_array_equal(views[0].points, views[1].points)
