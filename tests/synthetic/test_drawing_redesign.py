"""Copies: what a redesign changes and what it leaves."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from seamline.core.spec import CATEGORIES
from seamline.synthetic import Design, Drawn, random_design, random_scene, render
from seamline.synthetic.design_sampler import hard_negative
from seamline.synthetic.redesign import CHANGES, redesign
from seamline.systems.psnet.spec import REGIONS

SIDE = 224

PARTS = {name: {name} for name in ("collar", "chest", "waist", "left_sleeve", "right_sleeve")}


def changed_parts(first: Design, second: Design) -> set[str]:
    return {name for name in PARTS if getattr(first, name) != getattr(second, name)}


def drawn_alike(first: Design, second: Design, seed: int) -> tuple[Drawn, Drawn]:
    """Both designs in the same scene, without what the camera adds."""
    scene = random_scene(np.random.default_rng(seed), SIDE, mirrored=False)
    camera = dataclasses.replace(scene.camera, noise=0.0, softness=0.0, fill=0.75)
    pose = dataclasses.replace(
        scene.pose, arms=(0.3, 0.3), bends=(0.0, 0.0), folded=(False, False), hung=False, spread=0.6
    )
    scene = dataclasses.replace(scene, camera=camera, pose=pose)
    return render(first, scene), render(second, scene, framed_as=first)


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("region", REGIONS)
def test_a_redesign_changes_its_region_only(category: str, region: str) -> None:
    rng = np.random.default_rng([5, CATEGORIES.index(category), REGIONS.index(region)])
    original = random_design(rng, category)
    copy = redesign(original, [region], rng)
    assert changed_parts(original, copy) == {region}
    before, after = drawn_alike(original, copy, 11)
    index = REGIONS.index(region)
    own = (before.region == index) | (after.region == index)
    # Cloth that appears or goes lays a shadow on what is near it.
    near = cv2.dilate((own | (before.mask != after.mask)).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    garment = (before.mask > 0) & (after.mask > 0)
    changed = np.abs(before.rgb.astype(int) - after.rgb).max(2) > 16
    assert (changed & garment & ~near).sum() < 0.004 * garment.sum()
    assert (changed & near).sum() > 10


def test_a_copy_changes_at_most_two_regions() -> None:
    assert all(len(regions) <= 2 and set(regions) <= set(REGIONS) for regions in CHANGES)


def test_both_sleeves_change_alike() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        copy = redesign(random_design(rng, "long sleeve top"), ("left_sleeve", "right_sleeve"), rng)
        assert copy.left_sleeve.extra == copy.right_sleeve.extra
        assert copy.left_sleeve.fabric == copy.right_sleeve.fabric


def test_an_unknown_region_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(KeyError):
        redesign(random_design(rng, "vest"), ["hood"], rng)


def test_a_hard_negative_shares_category_and_main_colour_only() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        design = random_design(rng, CATEGORIES[seed])
        other = hard_negative(design, rng)
        assert other.category == design.category
        assert other.chest.fabric.main == design.chest.fabric.main
        assert changed_parts(design, other) == set(PARTS)
