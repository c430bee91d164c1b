"""Backgrounds, light, occluders and overlays that a copy's photo is made of."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.data.copies.background import background_of, choose_background
from seamline.data.copies.camera import homography
from seamline.data.copies.degradation import stickered, watermarked
from seamline.data.copies.light import Light, dropped_shadow, relit
from seamline.data.copies.occlusion import occluded
from seamline.data.copies.procedural_background import procedural_background
from seamline.data.copies.warp import Warp, random_displacement
from tests.data.copy_shapes import tshirt

GREY = np.full((240, 180, 3), 120, np.uint8)
NEUTRAL = Light(exposure=0.0, contrast=0.0, balance=(0.0, 0.0, 0.0), fall_off=0.0, angle=0.0, shade=0.0)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_background_of_a_photo_shows_nothing_of_its_garment() -> None:
    background = background_of(tshirt(), random())
    assert background.shape == tshirt().rgb.shape
    assert np.abs(background.astype(int) - (30, 120, 40)).max() < 12


def test_a_strongly_patterned_ground_does_not_keep_the_garment_s_outline() -> None:
    x = np.mgrid[0:400, 0:300][1]
    stripes = np.where((x // 6 % 2)[..., None], (230, 230, 230), (20, 20, 60)).astype(np.uint8)
    rgb = np.where(tshirt().mask[..., None] > 0, tshirt().rgb, stripes)
    background = background_of(dataclasses.replace(tshirt(), rgb=rgb), random()).astype(float)
    inside, outside = (background[(tshirt().mask > 0) == where].std(axis=0).mean() for where in (True, False))
    assert inside == pytest.approx(outside, rel=0.15)


def test_a_photo_that_the_garment_fills_gets_a_procedural_background() -> None:
    full = dataclasses.replace(tshirt(), mask=np.full_like(tshirt().mask, 255))
    assert np.array_equal(background_of(full, random(1)), procedural_background(*full.mask.shape, random(1)))


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (50, 50)])
def test_a_chosen_ground_has_the_picture_s_shape(shape: tuple[int, int]) -> None:
    green = np.full((90, 70, 3), (10, 200, 10), np.uint8)
    assert choose_background([green], *shape, 0.0, random()).shape == (*shape, 3)
    assert (choose_background([green], *shape, 0.0, random()) == (10, 200, 10)).all()
    assert choose_background([], *shape, 0.0, random()).shape == (*shape, 3)


def test_procedural_backgrounds_differ_and_fill_the_picture() -> None:
    backgrounds = [procedural_background(80, 60, random(seed)) for seed in range(30)]
    assert all(background.shape == (80, 60, 3) and background.std() > 0 for background in backgrounds)
    assert np.std([background.mean() for background in backgrounds]) > 20


def test_maps_and_positions_agree() -> None:
    """A dot is found where its position says, through a perspective, a mirror image and bent cloth."""
    corners = np.array([[10.0, 5], [170, 20], [160, 230], [20, 215]])
    for mirror in (False, True):
        warp = Warp(
            homography(corners, (150, 200), mirror), random_displacement(5.0, random(2)), (180, 240), (150, 200)
        )
        maps = warp.maps() + 0.5
        for row, column in ((20, 30), (100, 70), (180, 120)):
            shown = maps[row, column][None]
            assert warp.positions(shown)[0] == pytest.approx((column + 0.5, row + 0.5), abs=0.2)


def test_neutral_light_leaves_the_picture_and_others_do_what_they_say() -> None:
    assert np.abs(relit(GREY, NEUTRAL, random()).astype(int) - 120).max() <= 1
    assert relit(GREY, dataclasses.replace(NEUTRAL, exposure=0.3), random()).mean() > 140
    warm = relit(GREY, dataclasses.replace(NEUTRAL, balance=(0.2, 0.0, -0.2)), random()).mean((0, 1))
    assert warm[0] > warm[1] > warm[2]
    sloping = relit(GREY, dataclasses.replace(NEUTRAL, fall_off=0.5), random()).mean((0, 2))
    assert sloping[-10:].mean() > sloping[:10].mean() + 30
    shaded = relit(GREY, dataclasses.replace(NEUTRAL, shade=0.5), random(1))
    assert shaded.max() <= 121
    assert shaded.min() < 80


def test_white_stays_white_at_most() -> None:
    white = np.full((20, 20, 3), 250, np.uint8)
    bright = relit(white, dataclasses.replace(NEUTRAL, exposure=0.5), random())
    assert bright.min() > 235


def test_a_shadow_lies_around_the_garment_only() -> None:
    matte = np.zeros((120, 120), np.float32)
    matte[40:80, 40:80] = 1
    left = dropped_shadow(matte, 8.0, 0.5, random())
    assert left[38:82, 38:82].min() < 0.75
    assert left[:15].min() > 0.98


def test_occluders_cover_what_they_say_and_nothing_else() -> None:
    mask = np.zeros((240, 180), np.uint8)
    mask[60:180, 40:140] = 255
    for seed in range(20):
        picture, cover = occluded(GREY, mask, 70.0, random(seed))
        assert (cover[mask > 0] > 127).any()
        far = np.abs(picture.astype(int) - 120).max(-1) > 60
        assert not (far & (cover < 1) & ~_near(cover)).any()


def _near(cover: np.ndarray) -> np.ndarray:
    grown = cover > 0
    for axis in (0, 1):
        grown = grown | np.any([np.roll(grown, shift, axis) for shift in range(-4, 5)], axis=0)
    return grown


def test_a_sticker_hides_and_a_watermark_does_not() -> None:
    picture, cover = stickered(GREY, 60.0, random(2))
    assert cover.any()
    assert (np.abs(picture[cover == 255].astype(int) - 120).max(-1) > 20).mean() > 0.9
    assert np.array_equal(picture[cover == 0], GREY[cover == 0])
    for seed in range(6):
        change = watermarked(GREY, 0.4, random(seed)).astype(int) - 120
        assert 10 < np.abs(change).max() <= 0.4 * 136


@pytest.mark.parametrize("shape", [(16, 16, 3), (20, 400, 3), (400, 20, 3)])
def test_marks_fit_pictures_of_any_shape(shape: tuple[int, int, int]) -> None:
    picture = np.full(shape, 120, np.uint8)
    for seed in range(4):
        assert watermarked(picture, 0.5, random(seed)).shape == shape
        assert stickered(picture, 10.0, random(seed))[0].shape == shape
