"""Landmarks that the caller gives decide where the regions are, and impossible ones are refused in a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest

from seamline.core.box_corners import boxes_around
from seamline.core.errors import BadOption
from seamline.core.spec import LANDMARKS
from seamline.serving.place_parts import corners_in_photo, points_in_crop, points_in_photo
from seamline.serving.step import Array, Setting
from seamline.systems.psnet.region_pool import RegionPool
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes

F = np.float32
SIDE = DEFAULT_SPEC.crop.side
SQUARES = np.array([[1000, 500, 1448, 948, 0], [300, -60, 412, 52, 2.0]], F)
CATEGORIES = ("short sleeve top", "skirt")
FOUND = {
    "neck_left": (90, 30), "neck_right": (134, 30), "neck_bottom": (112, 48), "shoulder_left": (60, 36),
    "shoulder_right": (164, 36), "armpit_left": (62, 84), "armpit_right": (162, 84), "waist_left": (64, 140),
    "waist_right": (160, 140), "hem_left": (60, 200), "hem_right": (164, 200), "waistband_left": (80, 20),
    "waistband_right": (144, 20),
}  # fmt: skip


def in_crop(rows: int) -> Array:
    points = np.zeros((rows, len(LANDMARKS), 3), F)
    for name, (x, y) in FOUND.items():
        points[:, LANDMARKS.index(name)] = x, y, 0.8
    return points


def pooled(given: Array | None, rows: int = 2, count: int | None = None) -> dict[str, Array]:
    encoder = DEFAULT_SPEC.encoder
    features = np.random.default_rng(0).normal(size=(rows, encoder.channels, encoder.map_side, encoder.map_side))
    tensors = {
        "FEATURES": features.astype(F),
        "CROP_LANDMARKS": in_crop(rows),
        "SQUARES": SQUARES[:rows],
        "CROP_CATEGORY": np.array([name.encode() for name in CATEGORIES[:rows]], object),
        "COUNT": np.array([rows if count is None else count], np.int32),
        "GIVEN_LANDMARKS": given,
    }
    return dict(RegionPool(Setting(DEFAULT_SPEC))(tensors))


def moved(name: str, by: tuple[float, float], row: int = 0) -> Array:
    """The landmarks that were found, one of them elsewhere."""
    points = pooled(None)["LANDMARKS"].copy()
    points[row, LANDMARKS.index(name), :2] += by
    return points


def refused(given: Array, rows: int = 2, count: int | None = None) -> str:
    with pytest.raises(BadOption) as caught:
        pooled(given, rows, count)
    assert len(str(caught.value)) < 250
    return str(caught.value)


def test_points_go_into_the_crop_and_come_back() -> None:
    placed = points_in_photo(in_crop(2), SQUARES, SIDE)
    np.testing.assert_allclose(points_in_crop(placed, SQUARES, SIDE), in_crop(2), atol=1e-3)
    np.testing.assert_array_equal(points_in_crop(placed, SQUARES, SIDE)[..., 2], in_crop(2)[..., 2])


def test_the_landmarks_that_were_found_change_nothing_when_they_are_given() -> None:
    before = pooled(None)
    after = pooled(before["LANDMARKS"])
    np.testing.assert_array_equal(after["LANDMARKS"], before["LANDMARKS"])
    np.testing.assert_array_equal(after["PART_VISIBLE"], before["PART_VISIBLE"])
    np.testing.assert_allclose(after["PART_BOXES"], before["PART_BOXES"], atol=1e-3)
    np.testing.assert_allclose(after["REGION_FEATURES"], before["REGION_FEATURES"], atol=1e-3)


def test_points_of_a_turned_garment_lie_where_the_photo_shows_them() -> None:
    square = np.array([[100, 200, 324, 424, np.pi / 2]], F)
    points = np.array([[[0, 0, 0.9], [SIDE, 0, 0.9], [SIDE / 2, SIDE / 2, 0.9]]], F)
    placed = points_in_photo(points, square, SIDE)
    np.testing.assert_allclose(placed[0, :, :2], [[324, 200], [324, 424], [212, 312]], atol=1e-3)


def test_the_box_of_a_turned_part_is_the_box_around_it() -> None:
    square = np.array([[0, 0, SIDE, SIDE, np.pi / 4]], F)
    boxes = np.array([[[SIDE / 2 - 10, SIDE / 2 - 10, SIDE / 2 + 10, SIDE / 2 + 10]]], F)
    found = boxes_around(corners_in_photo(boxes, np.ones((1, 1), F), square, SIDE))[0, 0]
    reach = 10 * np.sqrt(2)
    np.testing.assert_allclose(found, SIDE / 2 + np.array([-reach, -reach, reach, reach]), atol=1e-3)


def test_regions_are_those_of_the_given_landmarks() -> None:
    given = moved("hem_left", (-20, 15))
    after = pooled(given)
    np.testing.assert_array_equal(after["LANDMARKS"], given)
    points = points_in_crop(given, SQUARES, SIDE)
    wanted = [region_boxes(row, name, DEFAULT_SPEC) for row, name in zip(points, CATEGORIES, strict=True)]
    boxes, visible = (np.stack(column) for column in zip(*wanted, strict=True))
    corners = corners_in_photo(boxes, visible, SQUARES, SIDE)
    np.testing.assert_array_equal(after["PART_CORNERS"], corners)
    np.testing.assert_array_equal(after["PART_BOXES"], boxes_around(corners))
    np.testing.assert_array_equal(after["PART_VISIBLE"], visible)


def test_a_moved_landmark_moves_its_regions_by_as_much_and_no_other() -> None:
    before, after = pooled(None), pooled(moved("neck_bottom", (0, 12)))
    shift = after["PART_BOXES"] - before["PART_BOXES"]
    np.testing.assert_allclose(shift[0, 0], [0, 0, 0, 12], atol=1e-3)
    stays = np.isclose(shift, 0, atol=1e-3).all(-1)
    assert stays.tolist() == [[False, False, True, True, True], [True] * 5]
    same = np.isclose(after["REGION_FEATURES"], before["REGION_FEATURES"], atol=1e-3).all((2, 3, 4))
    np.testing.assert_array_equal(same, stays)


def test_a_landmark_of_confidence_0_counts_nothing_wherever_it_is_said_to_be() -> None:
    given = pooled(None)["LANDMARKS"].copy()
    given[0, :, 2] = 0
    given[0, :, :2] = 0
    after = pooled(given)
    assert not after["PART_VISIBLE"][0].any()
    assert not after["REGION_PRESENT"][0].any()
    np.testing.assert_array_equal(after["LANDMARKS"], given)
    assert after["PART_VISIBLE"][1].any()


def test_landmarks_set_by_hand_make_their_regions_certain() -> None:
    given = pooled(None)["LANDMARKS"].copy()
    given[..., 2] = given[..., 2] > 0
    after = pooled(given)["PART_VISIBLE"]
    assert set(after[after > 0].tolist()) == {1.0}


@pytest.mark.parametrize("rows", [0, 1, 3, 17, 100_000])
def test_landmarks_of_other_garments_than_the_photo_s_are_refused(rows: int) -> None:
    given = np.zeros((rows, len(LANDMARKS), 3), F)
    assert re.search(rf"order of BOXES, 2 here; got those of {rows}; BOX names one", refused(given))


def test_landmarks_for_a_photo_without_garments_are_refused() -> None:
    for rows in (0, 1):
        assert "the photo shows none; BOX names one" in refused(np.zeros((rows, len(LANDMARKS), 3), F), 1, 0)


@pytest.mark.parametrize("shape", [(2, 21, 3), (2, 23, 3), (2, 22, 2), (2, 66), (2, 22, 3, 1), (132,), ()])
def test_other_landmarks_than_the_system_s_are_refused(shape: tuple[int, ...]) -> None:
    assert "must hold 22 landmarks of each garment" in refused(np.zeros(shape, F))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    for place in (0, 1, 2, slice(None)):
        given = pooled(None)["LANDMARKS"].copy()
        given[1, 3, place] = value
        assert "must hold finite numbers" in refused(given)


@pytest.mark.parametrize("confidence", [-0.1, 1.01, 50, -1e30])
def test_a_confidence_outside_0_to_1_is_refused(confidence: float) -> None:
    given = pooled(None)["LANDMARKS"].copy()
    given[0, 0, 2] = confidence
    assert "between 0" in refused(given)


@pytest.mark.parametrize("by", [(700, 0), (0, -900), (1e9, 0), (-3e38, 3e38)])
def test_a_landmark_far_outside_its_garment_is_refused(by: tuple[float, float]) -> None:
    told = refused(moved("hem_right", by))
    assert told.startswith("the landmark hem_right of GIVEN_LANDMARKS lies at")
    assert "pixels of the upright photo" in told


def test_a_landmark_just_outside_its_garment_is_taken() -> None:
    given = moved("hem_right", (300, 300))
    np.testing.assert_array_equal(pooled(given)["LANDMARKS"], given)


def test_a_landmark_that_is_not_seen_has_some_place_in_some_photo() -> None:
    given = pooled(None)["LANDMARKS"].copy()
    given[0, 0] = 30_000, 0, 0
    np.testing.assert_array_equal(pooled(given)["LANDMARKS"], given)
    given[0, 0] = 1e6, 0, 0
    assert "far outside" in refused(given)
