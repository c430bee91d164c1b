"""The same design in another colour: what dye changes, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.image import Pixels
from seamline.data.photographer.dye import dyed
from seamline.data.photographer.radiance import LUMINANCE, linear_of

SIDE = 96
GROUND, CLOTH, PRINT = (190, 170, 140), (150, 30, 40), (240, 238, 235)
FOLD = slice(40, 56)


def garment() -> tuple[Pixels, np.ndarray]:
    """A red square with a shaded fold and a white print on a beige ground, and its mask."""
    rgb = np.full((SIDE, SIDE, 3), GROUND, np.uint8)
    rgb[16:80, 16:80] = CLOTH
    rgb[FOLD, 16:80] = (np.array(CLOTH) * 0.7).astype(np.uint8)
    rgb[60:72, 40:56] = PRINT
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[16:80, 16:80] = 255
    return rgb, mask


def dyes(count: int) -> list[Pixels]:
    rgb, mask = garment()
    return [dyed(rgb, mask, np.random.default_rng(seed)) for seed in range(count)]


def test_cloth_takes_other_colours_and_the_ground_keeps_its_own() -> None:
    rgb, _ = garment()
    found = dyes(8)
    for picture in found:
        assert np.abs(picture[:10].astype(int) - rgb[:10]).max() <= 1
    colours = np.array([picture[24, 24] for picture in found], int)
    assert np.ptp(colours, axis=0).min() > 40
    assert max(np.abs(colour - CLOTH).max() for colour in colours) > 60


def test_a_fold_stays_darker_than_the_cloth_around_it() -> None:
    before = _fold_to_cloth(garment()[0])
    for picture in dyes(8):
        assert before - 0.05 < _fold_to_cloth(picture) < 0.85


def test_a_print_keeps_its_colour_at_times_and_takes_another_at_others() -> None:
    moved = [np.abs(picture[66, 48].astype(int) - PRINT).max() for picture in dyes(24)]
    assert min(moved) <= 6
    assert max(moved) > 60


def test_the_same_state_gives_the_same_pixels_and_no_mask_the_same_photo() -> None:
    assert np.array_equal(dyes(1)[0], dyes(1)[0])
    rgb, mask = garment()
    assert np.array_equal(dyed(rgb, np.zeros_like(mask), np.random.default_rng(0)), rgb)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (9, 12, 30)])
def test_cloth_without_any_shade_is_dyed_too(colour: tuple[int, int, int]) -> None:
    rgb, mask = garment()
    rgb[mask > 0] = colour
    assert dyed(rgb, mask, np.random.default_rng(3)).shape == rgb.shape


def _fold_to_cloth(rgb: Pixels) -> float:
    light = linear_of(rgb) @ LUMINANCE + 0.02
    return float(light[FOLD, 20:36].mean() / light[20:36, 20:36].mean())
