"""A garment laid flat, worn by a person in another photo; the person is drawn here as another garment of that kind."""

from __future__ import annotations

import dataclasses
from functools import cache

import cv2
import numpy as np
import pytest

from seamline.core.spec import LANDMARKS
from seamline.data.copies import GarmentSample
from seamline.data.copies.cross import cross_copy
from seamline.data.copies.landmarks import GUESSED, landmark_array
from seamline.data.copies.levels import CROSS
from seamline.data.copies.originals import drawn_sample
from seamline.data.copies.sample import Floats
from seamline.data.copies.wearing import lay_onto
from seamline.data.mask_box import mask_box
from tests.data.copy_shapes import tshirt
from tests.data.shapes import LONGSLEEVE, mask_of

SETTLED = ("neck_left", "neck_right", "shoulder_left", "shoulder_right", "armpit_left", "armpit_right")


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@cache
def drawn(category: str, seed: int) -> GarmentSample:
    return drawn_sample(random(seed), category, 400)


def red() -> GarmentSample:
    """The T-shirt in one colour."""
    rgb = np.where(tshirt().mask[..., None] > 0, (200, 30, 30), tshirt().rgb)
    return dataclasses.replace(tshirt(), rgb=rgb.astype(np.uint8))


def long_sleeved() -> GarmentSample:
    """A grey garment with long sleeves of known geometry, on white."""
    mask = mask_of(LONGSLEEVE)
    rgb = np.where(mask[..., None] > 0, 120, 240).astype(np.uint8).repeat(3, -1)
    places = {**LONGSLEEVE, "neck_bottom": (150.0, 85.0), "waist_left": (95.0, 245.0), "waist_right": (205.0, 245.0)}
    return GarmentSample(rgb, mask, landmark_array(places), "long sleeve top")


def without(sample: GarmentSample, *names: str) -> GarmentSample:
    points = sample.points.copy()
    points[[LANDMARKS.index(name) for name in names]] = 0
    return dataclasses.replace(sample, points=points)


def point(sample: GarmentSample, name: str) -> Floats:
    return sample.points[LANDMARKS.index(name)]


@pytest.mark.parametrize("seed", range(4))
def test_landmarks_land_on_those_of_the_worn_garment(seed: int) -> None:
    worn = drawn("long sleeve top", seed)
    laid = lay_onto(drawn("short sleeve top", seed + 10), worn)
    for name in SETTLED[2:]:
        assert np.allclose(point(laid.sample, name)[:2], point(worn, name)[:2]), name
    for name in SETTLED[:2]:
        assert np.abs(point(laid.sample, name)[:2] - point(worn, name)[:2]).max() < 10, name


def test_a_print_is_where_it_was_between_the_landmarks() -> None:
    flat = red()
    flat.rgb[190:210, 140:160] = (250, 250, 40)
    laid = lay_onto(flat, tshirt())
    yellow = (laid.sample.rgb[..., 1] > 120) & (laid.sample.rgb[..., 2] < 110) & (laid.sample.rgb[..., 0] > 140)
    x0, y0, x1, y1 = mask_box(yellow)
    assert abs((x0 + x1) / 2 - 150) < 4
    assert abs((y0 + y1) / 2 - 200) < 6


def test_cloth_covers_what_was_worn_and_nothing_of_the_flat_photo_comes_along() -> None:
    laid = lay_onto(red(), tshirt())
    inner = cv2.erode(tshirt().mask, np.ones((9, 9), np.uint8)) > 0
    assert (laid.sample.mask[inner] > 0).mean() > 0.99
    colours = laid.sample.rgb[inner].astype(int)
    assert (colours[:, 0] > colours[:, 1] + 20).mean() > 0.99


def test_pixels_away_from_the_worn_garment_stay_as_they_are() -> None:
    worn = drawn("long sleeve top", 2)
    laid = lay_onto(drawn("short sleeve top", 1), worn)
    away = cv2.dilate(worn.mask, np.ones((13, 13), np.uint8)) == 0
    assert np.array_equal(laid.sample.rgb[away], worn.rgb[away])
    assert not (laid.sample.mask[worn.mask == 0] > 0).any()


def test_what_lies_over_the_worn_garment_stays_over_it() -> None:
    mask = tshirt().mask.copy()
    mask[180:240, 60:240] = 0
    laid = lay_onto(red(), dataclasses.replace(tshirt(), mask=mask))
    assert np.array_equal(laid.sample.rgb[190:230, 100:200], tshirt().rgb[190:230, 100:200])
    assert laid.seen[1] < 0.9
    assert laid.seen[3] > 0.9


def test_short_sleeves_end_where_they_end_and_show_the_long_ones_below() -> None:
    sample = lay_onto(red(), long_sleeved()).sample
    assert (sample.mask[260:300, 15:60] == 0).all()
    assert np.array_equal(sample.rgb[270:290, 20:40], long_sleeved().rgb[270:290, 20:40])
    outer = point(sample, "cuff_left_outer")[:2]
    assert 80 < outer[1] < 200
    assert outer[0] < 95


def test_a_hidden_point_of_the_worn_garment_is_found_from_the_others() -> None:
    whole = lay_onto(red(), tshirt())
    lacking = lay_onto(red(), without(tshirt(), "neck_left", "hem_right", "waist_right"))
    for name in ("neck_left", "hem_right"):
        assert np.abs(point(lacking.sample, name) - point(whole.sample, name)).max() < 8, name


def test_a_point_that_something_hides_is_a_guess() -> None:
    mask = tshirt().mask.copy()
    mask[300:] = 0
    laid = lay_onto(red(), dataclasses.replace(tshirt(), mask=mask))
    assert point(laid.sample, "hem_left")[2] == GUESSED
    assert point(laid.sample, "armpit_left")[2] == 1


def test_it_takes_over_the_light_of_the_persons_photo() -> None:
    plain = np.where(tshirt().mask[..., None] > 0, (150, 150, 150), tshirt().rgb).astype(np.float32)
    shade = np.linspace(1.3, 0.5, plain.shape[1], dtype=np.float32)[None, :, None]
    worn = dataclasses.replace(tshirt(), rgb=np.clip(plain * shade, 0, 255).astype(np.uint8))
    rgb = lay_onto(red(), worn).sample.rgb
    assert rgb[200:300, 95:115, 0].mean() > 1.2 * rgb[200:300, 185:205, 0].mean()


@pytest.mark.parametrize(
    ("flat", "worn", "reason"),
    [
        ("trousers", "long sleeve top", "a trousers is not laid onto"),
        ("short sleeve top", "skirt", "is not laid onto a skirt"),
        ("long sleeve dress", "long sleeve top", "is not laid onto"),
        ("long sleeve top", "short sleeve top", "sleeve is"),
        ("short sleeve top", "vest", "has no sleeves"),
    ],
)
def test_what_does_not_fit_is_refused(flat: str, worn: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        lay_onto(drawn(flat, 5), drawn(worn, 6))


def test_too_few_landmarks_and_an_empty_mask_are_refused() -> None:
    with pytest.raises(ValueError, match="lacks armpit_left"):
        lay_onto(without(red(), "armpit_left"), tshirt())
    with pytest.raises(ValueError, match="too few landmarks of the worn garment"):
        lay_onto(red(), without(tshirt(), *SETTLED))
    with pytest.raises(ValueError, match="the mask is empty"):
        lay_onto(red(), dataclasses.replace(tshirt(), mask=np.zeros_like(tshirt().mask)))


def test_landmarks_in_one_place_are_refused() -> None:
    points = tshirt().points.copy()
    points[:, :2] = 100
    with pytest.raises(ValueError, match="do not lie as those of such a garment do"):
        lay_onto(red(), dataclasses.replace(tshirt(), points=points))


def test_a_copy_tells_what_became_of_each_region() -> None:
    worn = [drawn("long sleeve top", seed) for seed in range(3)]
    for seed in range(4):
        copy = cross_copy(drawn("short sleeve top", seed), worn, (red(),), CROSS, random(seed))
        assert 1 <= len(copy.redesigned) <= 2
        assert len(copy.kept) >= 2
        assert not set(copy.redesigned) & set(copy.kept)
        assert copy.sample.category == "short sleeve top"
        assert copy.sample.mask.any()


def test_the_same_state_gives_the_same_copy_across_scenes() -> None:
    worn = [tshirt(), long_sleeved()]
    one, other = (cross_copy(red(), worn, (), CROSS, random(7)) for _ in range(2))
    assert np.array_equal(one.sample.rgb, other.sample.rgb)
    assert (one.redesigned, one.kept, one.edits) == (other.redesigned, other.kept, other.edits)


def test_a_copy_says_why_nothing_fits() -> None:
    with pytest.raises(ValueError, match="fits none of 1 worn garments; of the last: a short sleeve top is not laid"):
        cross_copy(red(), [drawn("skirt", 1)], (), CROSS, random())
