"""Cutting a garment out of a photo."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.data.silhouette import Seed, at_photo_size, cleaned, segment, silhouette_of
from tests.data.shapes import HEIGHT, TROUSERS, TSHIRT, WIDTH, mask_of, photo_of


def test_a_garment_on_plain_ground_is_cut_out_to_the_pixel_almost() -> None:
    first, second = segment(photo_of(TSHIRT))
    silhouette = silhouette_of(first, second, max(first.shape) / HEIGHT)
    mask, truth = at_photo_size(silhouette, WIDTH, HEIGHT) > 0, mask_of(TSHIRT) > 0
    assert np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth) > 0.97
    assert silhouette.agreement > 0.95
    assert silhouette.touching == 0.0
    assert silhouette.area == pytest.approx(truth.mean(), abs=0.02)


def test_the_same_photo_gives_the_same_silhouette() -> None:
    photo = photo_of(TSHIRT)
    assert all(np.array_equal(one, other) for one, other in zip(segment(photo), segment(photo), strict=True))


def test_the_gap_between_legs_is_ground() -> None:
    first, _ = segment(photo_of(TROUSERS), Seed(core=0.3, fork=0.4))
    height, width = first.shape
    assert first[round(0.85 * height), width // 2] == 0
    assert first[round(0.25 * height), width // 2] == 255


def test_threads_specks_and_pinholes_are_tidied_away() -> None:
    mask = mask_of(TSHIRT)
    mask[200:203, 120:123] = 0
    mask[380:386, 20:26] = 255
    mask[100, 215:299] = 255
    tidy = cleaned(mask)
    assert tidy[201, 121] == 255
    assert not tidy[380:386, 20:26].any()
    assert tidy[100, 290] == 0


def test_a_gap_between_sleeve_and_side_stays_open() -> None:
    mask = np.zeros((400, 300), np.uint8)
    mask[50:350, 50:250] = 255
    mask[140:260, 70:90] = 0
    assert cleaned(mask)[200, 80] == 0


def test_disagreeing_segmentations_are_told() -> None:
    first = mask_of(TSHIRT)
    second = first.copy()
    second[:, : WIDTH // 2] = 0
    assert silhouette_of(first, second, 1.0).agreement == pytest.approx(0.5, abs=0.03)


def test_nothing_gives_an_empty_silhouette() -> None:
    empty = np.zeros((40, 30), np.uint8)
    silhouette = silhouette_of(empty, empty, 1.0)
    assert not silhouette.mask.any()
    assert silhouette.agreement == 0.0
