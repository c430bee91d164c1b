"""Redesigning regions of a photographed garment: what changes, what stays, and what is said about it."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.data.copies.landmarks import landmark_array
from seamline.data.copies.levels import LEVELS
from seamline.data.copies.params import EditParams, region_shares
from seamline.data.copies.redesign import (
    EDITS,
    LEAST_SHARE,
    Redesigned,
    choose_regions,
    redesign,
)
from seamline.data.copies.sample import GarmentSample
from seamline.data.copies.zones import edited_zone, region_zones, zone_shares
from seamline.synthetic import draw_sample

SIDE = 256
TOP = "long sleeve top"
PHOTO_CATEGORIES = {
    "t-shirt": "short sleeve top", "longsleeve": TOP, "shirt": TOP, "outwear": "long sleeve outwear",
    "dress": "short sleeve dress", "pants": "trousers", "shorts": "shorts", "skirt": "skirt",
}  # fmt: skip


def as_sample(drawn_category: str, seed: int) -> GarmentSample:
    drawn = draw_sample(np.random.default_rng(seed), SIDE, drawn_category)
    return GarmentSample(drawn.rgb, drawn.mask, landmark_array(drawn.landmarks), drawn.category)


@cache
def tops() -> tuple[GarmentSample, ...]:
    return tuple(as_sample(TOP, seed) for seed in range(6))


@cache
def flat_top() -> GarmentSample:
    """A T-shirt of plain grey cloth with folds, on a grained background; its geometry is known."""
    corners = {
        "neck_left": (120, 60), "shoulder_left": (88, 70), "cuff_left_outer": (30, 120), "cuff_left_inner": (55, 165),
        "armpit_left": (85, 140), "hem_left": (85, 340), "hem_right": (215, 340), "armpit_right": (215, 140),
        "cuff_right_inner": (245, 165), "cuff_right_outer": (270, 120), "shoulder_right": (212, 70),
        "neck_right": (180, 60),
    }  # fmt: skip
    mask = np.zeros((400, 300), np.uint8)
    cv2.fillPoly(mask, [np.array(list(corners.values()), np.int32)], (255,))
    random = np.random.default_rng(0)
    background = 190 + random.normal(0, 6, (400, 300, 3))
    y, x = np.mgrid[0:400, 0:300]
    folds = 1 + 0.18 * np.sin(x / 4.0 + y / 21.0)
    rgb = np.where(mask[..., None] > 0, (120, 118, 122) * folds[..., None], background)
    known = {**corners, "neck_bottom": (150, 85), "waist_left": (85, 240), "waist_right": (215, 240)}
    return GarmentSample(np.clip(rgb, 0, 255).astype(np.uint8), mask, landmark_array(known), "short sleeve top")


@cache
def printed_top() -> GarmentSample:
    """The T-shirt with a red print on one side of its chest."""
    rgb = flat_top().rgb.copy()
    rgb[120:200, 102:142] = (200, 20, 30)
    return dataclasses.replace(flat_top(), rgb=rgb)


@cache
def other_cloth() -> GarmentSample:
    return dataclasses.replace(flat_top(), rgb=np.roll(255 - flat_top().rgb, 1, 2))


def only(name: str) -> EditParams:
    return dataclasses.replace(EditParams(), edits={name: 1.0}, least_change=0.02, harmonised=0.0)


def done(original: GarmentSample, region: int, name: str, seed: int = 3) -> Redesigned:
    return redesign(
        original, [region], (*tops()[:2], other_cloth(), printed_top()), only(name), np.random.default_rng(seed)
    )


def visible(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.abs(first.astype(int) - second).sum(-1) > 30


@pytest.mark.parametrize("category", CATEGORIES)
def test_zones_are_disjoint_and_lie_on_the_garment(category: str) -> None:
    sample = as_sample(category, 1)
    zones = region_zones(sample)
    covered = sum((zone > 0).astype(int) for zone in zones)
    assert covered.max() == 1
    assert not (covered > 0)[sample.mask == 0].any()
    assert zone_shares(zones, sample.mask).sum() > 0.8


def test_zones_of_a_top_are_where_their_names_say() -> None:
    zones = region_zones(flat_top())
    for region, (x, y) in enumerate([(150, 80), (150, 180), (150, 300), (60, 125), (240, 125)]):
        assert [zone[y, x] > 0 for zone in zones] == [index == region for index in range(5)]


def test_a_region_without_points_has_an_empty_zone() -> None:
    points = flat_top().points.copy()
    points[LANDMARKS.index("cuff_left_outer"), 2] = 0
    zones = region_zones(dataclasses.replace(flat_top(), points=points))
    assert not zones[3].any()
    assert zones[4].any()


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_same_generator_state_gives_the_same_copy(category: str) -> None:
    original = as_sample(category, 2)
    copies = []
    for _ in range(2):
        random = np.random.default_rng(11)
        regions = choose_regions(original, EditParams(), random)
        copies.append(redesign(original, regions, tops(), EditParams(), random))
    first, second = copies
    assert first.edits == second.edits
    np.testing.assert_array_equal(first.sample.rgb, second.sample.rgb)
    np.testing.assert_array_equal(first.sample.points, second.sample.points)


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_makes_a_visible_difference(name: str) -> None:
    region = {"collar band": 0, "neck": 0, "source part": 3, "shorter": 3}.get(name, 1)
    original = printed_top() if name in ("mirrored", "mosaic") else flat_top()
    results = [done(original, region, name, seed) for seed in range(4)]
    mine = [result for result in results if result.edits == (name,)]
    assert mine
    for result in mine:
        zone = region_zones(original)[region] > 0
        assert visible(original.rgb, result.sample.rgb)[zone].mean() > 0.02
        assert result.redesigned == (region,)


@pytest.mark.parametrize("name", ["recolour", "plain cloth", "pattern", "source cloth", "motif", "text", "bands"])
def test_repainting_leaves_everything_outside_its_zone_alone(name: str) -> None:
    result = done(flat_top(), 1, name)
    near = cv2.dilate(edited_zone(flat_top(), 1, region_zones(flat_top())), np.ones((9, 9), np.uint8)) > 0
    np.testing.assert_array_equal(result.sample.rgb[~near], flat_top().rgb[~near])
    np.testing.assert_array_equal(result.sample.mask, flat_top().mask)
    np.testing.assert_array_equal(result.sample.points, flat_top().points)


def test_mirroring_moves_the_print_to_the_other_side() -> None:
    result = done(printed_top(), 1, "mirrored", 0)
    assert result.edits == ("mirrored",)
    redness = result.sample.rgb[:, :, 0].astype(int) - result.sample.rgb[:, :, 1]
    assert redness[150:190, 165:192].mean() > 100
    assert abs(redness[150:190, 108:135].mean()) < 20


def test_plain_cloth_cannot_be_mirrored() -> None:
    assert done(flat_top(), 1, "mirrored").edits != ("mirrored",)


@pytest.mark.parametrize("name", ["recolour", "plain cloth"])
def test_folds_stay_under_another_colour(name: str) -> None:
    result = done(flat_top(), 1, name)
    inner = cv2.erode(region_zones(flat_top())[1], np.ones((15, 15), np.uint8)) > 0
    fine = []
    for rgb in (flat_top().rgb, result.sample.rgb):
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine.append((grey - cv2.GaussianBlur(grey, (0, 0), 6.0))[inner])
    assert float(np.corrcoef(*fine)[0, 1]) > 0.9


@pytest.mark.parametrize(
    ("region", "names"), [(3, ("cuff_left_outer", "cuff_left_inner")), (2, ("hem_left", "hem_right"))]
)
def test_shortening_moves_mask_and_points_together(region: int, names: tuple[str, ...]) -> None:
    original = flat_top()
    copy = done(original, region, "shorter").sample
    gone = (original.mask > 0) & (copy.mask == 0)
    assert gone.sum() > 0.2 * (region_zones(original)[region] > 0).sum()
    assert not (copy.mask[original.mask == 0] > 0).any()
    assert visible(original.rgb, copy.rgb)[gone].mean() > 0.9
    moved = {LANDMARKS[index] for index in np.flatnonzero((copy.points != original.points).any(1))}
    assert moved == set(names)
    for name in names:
        x, y, _ = copy.points[LANDMARKS.index(name)]
        edge = cv2.morphologyEx(copy.mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        rows, columns = np.nonzero(edge)
        assert float(np.hypot(columns - x, rows - y).min()) < 6


def test_ground_takes_the_place_of_a_shortened_hem() -> None:
    copy = done(flat_top(), 2, "shorter").sample
    gone = cv2.erode(((flat_top().mask > 0) & (copy.mask == 0)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    filled = copy.rgb[gone].astype(float)
    assert abs(filled.mean() - 190) < 8
    assert 3 < filled.std() < 12


def test_a_new_neckline_moves_its_lowest_point() -> None:
    copy = done(flat_top(), 0, "neck").sample
    lowest = LANDMARKS.index("neck_bottom")
    assert copy.points[lowest, 1] > flat_top().points[lowest, 1] + 5
    np.testing.assert_array_equal(np.delete(copy.points, lowest, 0), np.delete(flat_top().points, lowest, 0))


def test_a_pair_of_sleeves_is_redesigned_alike() -> None:
    result = redesign(flat_top(), [3, 4], (), EditParams(), np.random.default_rng(1))
    assert result.redesigned == (3, 4)
    assert result.edits[0] == result.edits[1]


def test_a_leg_that_is_redesigned_to_its_end_touches_the_lower_part() -> None:
    trousers = as_sample("trousers", 4)
    result = redesign(trousers, [3], (), only("plain cloth"), np.random.default_rng(1))
    assert result.redesigned == (3,)
    assert 2 in result.touched


def test_a_redesigned_chest_leaves_the_sleeves_kept() -> None:
    result = done(flat_top(), 1, "motif")
    assert not {3, 4} & {*result.redesigned, *result.touched}


def test_a_garment_without_visible_regions_is_refused() -> None:
    nothing = dataclasses.replace(flat_top(), points=np.zeros_like(flat_top().points))
    with pytest.raises(ValueError, match="visible in the photo: collar, chest"):
        redesign(nothing, [0, 1], (), EditParams(), np.random.default_rng(0))
    with pytest.raises(ValueError, match="visible in the photo"):
        choose_regions(nothing, EditParams(), np.random.default_rng(0))


def test_regions_too_small_in_the_photo_are_never_chosen() -> None:
    mask = flat_top().mask.copy()
    mask[region_zones(flat_top())[3] > 0] = 0
    armless = dataclasses.replace(flat_top(), mask=mask)
    assert zone_shares(region_zones(armless), mask)[3] < LEAST_SHARE
    chosen = {
        region for seed in range(60) for region in choose_regions(armless, EditParams(), np.random.default_rng(seed))
    }
    assert chosen == {0, 1, 2, 4}


@pytest.mark.parametrize("category", CATEGORIES)
def test_region_shares_are_probabilities(category: str) -> None:
    shares = region_shares(category)
    assert len(shares) == 5
    assert sum(shares) == pytest.approx(1)


def test_params_may_say_which_regions_change() -> None:
    collars = dataclasses.replace(EditParams(), shares={"short sleeve top": (1, 0, 0, 0, 0)})
    assert choose_regions(flat_top(), collars, np.random.default_rng(0)) == (0,)


@pytest.mark.parametrize("params", [level.edit for level in LEVELS.values()])
def test_presets_name_edits_that_exist(params: EditParams) -> None:
    assert set(params.edits) <= set(EDITS)


def annotated(photos: Path) -> list[GarmentSample]:
    """Photos with points set by hand; the hull of the points stands in for the silhouette."""
    samples = []
    for entry in json.loads((photos / "landmarks.json").read_text(encoding="utf-8"))[:12]:
        rgb = np.asarray(Image.open(photos / entry["file"]).convert("RGB"), np.uint8)
        points = landmark_array(entry["points"])
        mask = np.zeros(rgb.shape[:2], np.uint8)
        hull = cv2.convexHull(points[points[:, 2] > 0, :2])
        cv2.fillConvexPoly(mask, hull.astype(np.int32), (255,))
        samples.append(GarmentSample(rgb, mask, points, PHOTO_CATEGORIES[Path(entry["file"]).parent.name]))
    return samples


def test_photos_are_redesigned_near_their_garment_only(photos: Path) -> None:
    if not (photos / "landmarks.json").is_file():
        pytest.skip("the folder of photos has no landmarks.json")
    samples = annotated(photos)
    for index, original in enumerate(samples):
        random = np.random.default_rng(index)
        regions = choose_regions(original, EditParams(), random)
        result = redesign(original, regions, samples[:4], EditParams(), random)
        assert set(result.redesigned) <= set(regions)
        assert not set(result.redesigned) & set(result.touched)
        reach = np.ones((41, 41), np.uint8)
        near = cv2.dilate(np.maximum(original.mask, result.sample.mask), reach) > 0
        np.testing.assert_array_equal(result.sample.rgb[~near], original.rgb[~near])
        assert visible(original.rgb, result.sample.rgb)[original.mask > 0].mean() > 0.002
