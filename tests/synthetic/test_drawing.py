"""Drawn photos: exact labels, determinism, mirroring."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from seamline.core.spec import CATEGORIES, LANDMARKS, mirrored_landmarks
from seamline.data.readers.deepfashion2_layout import landmark_indices
from seamline.synthetic import Drawn, draw_sample, photograph, random_design, random_scene, render
from seamline.synthetic.templates import TEMPLATES, symmetric_landmarks, template_landmarks
from seamline.systems.psnet.spec import REGIONS

SIDE = 224


def flat(seed: int) -> np.random.Generator:
    return np.random.default_rng([97, seed])


@pytest.fixture(scope="module")
def samples() -> list[Drawn]:
    return [draw_sample(flat(index), SIDE, category) for index, category in enumerate(CATEGORIES * 2)]


def test_every_category_draws_with_its_own_landmarks(samples: list[Drawn]) -> None:
    assert {drawn.category for drawn in samples} == set(CATEGORIES)
    for drawn in samples:
        assert set(drawn.landmarks) == set(landmark_indices(drawn.category))
        assert drawn.rgb.shape[:2] == drawn.mask.shape == drawn.region.shape
        assert max(drawn.mask.shape) == SIDE
        assert drawn.rgb.dtype == drawn.mask.dtype == np.uint8


def test_same_seed_draws_same_pixels_and_another_seed_does_not() -> None:
    first, again, other = (draw_sample(np.random.default_rng(seed), 160) for seed in (3, 3, 4))
    assert np.array_equal(first.rgb, again.rgb)
    assert first.landmarks == again.landmarks
    assert first.design == again.design
    assert first.rgb.shape != other.rgb.shape or not np.array_equal(first.rgb, other.rgb)


def test_box_is_the_masks_box_and_the_garment_is_whole(samples: list[Drawn]) -> None:
    for drawn in samples:
        x0, y0, x1, y1 = (int(value) for value in drawn.box)
        assert drawn.mask[y0:y1, x0:x1].any(1).all()
        outside = drawn.mask.copy()
        outside[y0:y1, x0:x1] = 0
        assert not outside.any()
        height, width = drawn.mask.shape
        assert x0 > 0
        assert y0 > 0
        assert x1 < width
        assert y1 < height


def test_regions_cover_the_mask_and_nothing_else(samples: list[Drawn]) -> None:
    for drawn in samples:
        assert set(np.unique(drawn.region)) <= {*range(len(REGIONS)), 255}
        assert np.mean((drawn.region == 255) == (drawn.mask == 0)) > 0.995


@pytest.mark.parametrize("category", CATEGORIES)
def test_landmarks_of_the_silhouette_lie_on_the_masks_outline(category: str) -> None:
    inner = {"neck_bottom", "crotch", "waist_left", "waist_right"}
    for seed in range(3):
        rng = flat(100 + seed)
        design, scene = random_design(rng, category), random_scene(rng, SIDE, mirrored=False)
        pose = dataclasses.replace(scene.pose, arms=(0.1, 0.1), bends=(0.0, 0.0), folded=(False, False), spread=1.0)
        drawn = render(design, dataclasses.replace(scene, pose=pose))
        outlines, _ = cv2.findContours(drawn.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        edge = np.vstack([outline[:, 0] for outline in outlines]) + 0.5
        diagonal = np.hypot(drawn.box[2] - drawn.box[0], drawn.box[3] - drawn.box[1])
        for name, point in drawn.landmarks.items():
            away = np.hypot(*(edge - point).T).min() / diagonal
            assert name in inner or away < 0.035, (name, away, design.collar.kind, design.left_sleeve.kind)


def test_left_landmarks_lie_left_of_right_ones_on_upright_garments(samples: list[Drawn]) -> None:
    for drawn in samples:
        for name, (x, _) in drawn.landmarks.items():
            if "left" in name:
                assert x < drawn.landmarks[name.replace("left", "right")][0], name


def test_a_mirrored_photo_flips_pixels_and_swaps_sides() -> None:
    design, scene = random_design(flat(7), "long sleeve top"), random_scene(flat(8), SIDE, mirrored=False)
    plain = render(design, scene)
    mirrored = render(design, dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, mirrored=True)))
    assert mirrored.mirrored
    assert np.array_equal(mirrored.rgb, plain.rgb[:, ::-1])
    width = plain.rgb.shape[1]
    swap = mirrored_landmarks(LANDMARKS)
    for name, (x, y) in plain.landmarks.items():
        twin = LANDMARKS[swap[LANDMARKS.index(name)]]
        assert mirrored.landmarks[twin] == pytest.approx((width - x, y))
    left, right = REGIONS.index("left_sleeve"), REGIONS.index("right_sleeve")
    assert np.array_equal(mirrored.region[:, ::-1] == left, plain.region == right)
    assert mirrored.box[0] == pytest.approx(width - plain.box[2])


def test_two_photos_of_one_design_differ() -> None:
    design = random_design(flat(9), "short sleeve top")
    first, second = (photograph(design, flat(seed), SIDE, mirrored=False) for seed in (10, 11))
    assert first.design == second.design
    assert first.landmarks != second.landmarks


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_sample(flat(1), SIDE, "cape")


def test_templates_have_the_294_points_and_all_landmarks_of_their_category() -> None:
    assert tuple(TEMPLATES) == CATEGORIES
    assert sum(len(points) for points in TEMPLATES.values()) == 294
    for category in CATEGORIES:
        assert set(template_landmarks(category)) <= set(LANDMARKS)
        for name, point in symmetric_landmarks(category).items():
            if "left" in name:
                twin = symmetric_landmarks(category)[name.replace("left", "right")]
                assert point == pytest.approx(twin * (-1, 1))
