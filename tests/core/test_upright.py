"""Garments that do not lie upright: their boxes along their own axes, and crops that show them upright."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from seamline.core.detections import intersection_over_union
from seamline.core.image import crop_square, square_box
from seamline.core.upright import upright_boxes
from seamline.data.mask_box import mask_box
from seamline.serving.place_parts import points_in_photo
from seamline.synthetic import draw_sample
from tests.support.turned import FILL, moved, turned_photo

F = np.float32
BOX = np.array([100, 50, 180, 250], F)


def direction(degrees: float, length: float = 1.0) -> np.ndarray:
    """What the detector says of a garment that is turned."""
    return np.array([[length * np.cos(np.radians(degrees)), length * np.sin(np.radians(degrees))]], F)


def around(box: np.ndarray, degrees: float) -> np.ndarray:
    """The axis-parallel box around a box that is turned about its centre."""
    centre, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    cosine, sine = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    reach = np.array([cosine * half[0] + sine * half[1], sine * half[0] + cosine * half[1]])
    return np.concatenate([centre - reach, centre + reach]).astype(F)


@pytest.mark.parametrize("degrees", [0, 14, -14.9])
def test_a_garment_within_the_dead_zone_keeps_its_box_to_the_bit(degrees: float) -> None:
    found = upright_boxes(BOX[None], BOX[None] + 1, direction(degrees), 15)
    assert found.turns.tolist() == [0]
    np.testing.assert_array_equal(found.boxes[0], BOX)


def test_a_turn_that_the_detector_is_not_sure_of_counts_for_none() -> None:
    assert upright_boxes(BOX[None], BOX[None], direction(90, length=0.29), 15).turns.tolist() == [0]


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_garment_that_is_turned_by_quarters_has_the_box_that_it_had_upright(degrees: float) -> None:
    seen = around(BOX, degrees)
    found = upright_boxes(seen[None], seen[None], direction(degrees), 15)
    np.testing.assert_allclose(np.degrees(found.turns), [degrees], atol=1e-3)
    np.testing.assert_allclose(found.boxes[0], BOX, atol=0.01)


CATEGORIES = ["short sleeve top", "trousers", "sling dress"]


def silhouette(category: str, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The box around a turned silhouette, and the one that it had upright, moved to where it lies."""
    sample = draw_sample(np.random.default_rng(2), 480, category)
    mask, matrix = turned_photo(np.repeat(sample.mask[..., None], 3, -1), degrees, (0, 0, 0))
    return np.array(mask_box(mask[..., 0] > 127), F), moved(np.array(sample.box, F), matrix)


@pytest.mark.parametrize(
    ("category", "degrees"),
    [*itertools.product(CATEGORIES, [90, 180, -90, -65, 160]), ("short sleeve top", 37)],
)
def test_the_box_of_a_turned_silhouette_is_about_the_one_that_it_had_upright(category: str, degrees: float) -> None:
    seen, upright = silhouette(category, degrees)
    (found,) = upright_boxes(seen[None], seen[None], direction(degrees), 15).boxes
    assert intersection_over_union(upright, found[None])[0] > 0.65


@pytest.mark.parametrize("degrees", [37, 45, -50, 135])
@pytest.mark.parametrize("category", CATEGORIES)
def test_towards_45_degrees_where_the_bounds_leave_proportions_open_the_square_about_it_holds_it(
    category: str, degrees: float
) -> None:
    seen, upright = silhouette(category, degrees)
    (found,) = upright_boxes(seen[None], seen[None], direction(degrees), 15).boxes
    square, turn = square_box(found, 0.15), np.radians(degrees)
    away = (upright[:2] + upright[2:] - found[:2] - found[2:]) / 2
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) @ away
    middle, half = (found[:2] + found[2:]) / 2 + back, (upright[2:] - upright[:2]) / 2
    inside = np.minimum(middle + half, square[2:]) - np.maximum(middle - half, square[:2])
    assert (inside / (2 * half)).min() > 0.9


def test_a_given_box_takes_the_detectors_turn_at_its_own_place_and_size() -> None:
    seen = around(BOX, 90)
    given = np.concatenate([seen[:2] + 10, seen[:2] + 10 + 1.1 * (seen[2:] - seen[:2])]).astype(F)
    (found,) = upright_boxes(given[None], seen[None], direction(90), 15).boxes
    np.testing.assert_allclose((found[:2] + found[2:]) / 2, (given[:2] + given[2:]) / 2, atol=0.01)
    np.testing.assert_allclose(found[2:] - found[:2], 1.1 * (BOX[2:] - BOX[:2]), rtol=1e-3)


def test_a_given_box_far_from_the_detectors_is_cropped_with_room_for_any_turn() -> None:
    given = np.array([10, 10, 30, 60], F)
    (found,) = upright_boxes(given[None], around(BOX, 90)[None], direction(90), 15).boxes
    np.testing.assert_allclose(found, [-5, 10, 45, 60], atol=1e-3)


def test_no_garments_have_no_boxes() -> None:
    assert len(upright_boxes(BOX[None][:0], BOX[None][:0], direction(0)[:0], 15)) == 0


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """A drawn garment's photo and box."""
    sample = draw_sample(np.random.default_rng(4), 480)
    return sample.rgb, np.array(sample.box, F)


@pytest.mark.parametrize("degrees", [90, 180, 270, 33, -58])
def test_the_crop_of_a_turned_garment_is_that_of_the_upright_one(
    drawn: tuple[np.ndarray, np.ndarray], degrees: float
) -> None:
    rgb, box = drawn
    photo, matrix = turned_photo(rgb, degrees)
    upright, _ = crop_square(rgb, box, 224, 0.02, FILL)
    crop, square = crop_square(photo, moved(box, matrix), 224, 0.02, FILL, float(np.radians(degrees)))
    assert np.abs(crop.astype(int) - upright).mean() < 5
    corners = np.array([[[0, 0, 1], [224, 0, 1], [112, 112, 1]]], F)
    _, own = crop_square(rgb, box, 224, 0.02, FILL)
    wanted = points_in_photo(corners, own[None], 224)[0, :, :2] @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(points_in_photo(corners, square[None], 224)[0, :, :2], wanted, atol=0.05)


def test_a_square_that_is_not_turned_is_where_it_always_was(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    rgb, box = drawn
    square = crop_square(rgb, box, 224, 0.08, FILL)[1]
    points = np.random.default_rng(0).uniform(0, 224, (1, 5, 3)).astype(F)
    plain = square[None, None, :2] + points[..., :2] * ((square[2] - square[0]) / F(224))
    np.testing.assert_array_equal(points_in_photo(points, square[None], 224)[..., :2], plain.astype(F))
