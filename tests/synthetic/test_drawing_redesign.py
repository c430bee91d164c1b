"""Copies: what a redesign changes and what it leaves."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from seamline.core.spec import CATEGORIES, REGIONS
from seamline.synthetic import Design, Drawn, invent, render, take_shot
from seamline.synthetic.invent import look_alike
from seamline.synthetic.redesign import CHANGES, redesign

SIDE = 224

PARTS = {name: {name} for name in ("collar", "chest", "waist", "left_sleeve", "right_sleeve")}


def changed_parts(first: Design, second: Design) -> set[str]:
    return {name for name in PARTS if getattr(first, name) != getattr(second, name)}


def drawn_alike(first: Design, second: Design, seed: int) -> tuple[Drawn, Drawn]:
    """Both designs under the same circumstances, without what the camera adds."""
    shot = take_shot(np.random.default_rng(seed), SIDE, mirrored=False)
    camera = dataclasses.replace(shot.camera, noise=0.0, softness=0.0, fill=0.75)
    pose = dataclasses.replace(
        shot.pose, arms=(0.3, 0.3), bends=(0.0, 0.0), folded=(False, False), hung=False, spread=0.6
    )
    shot = dataclasses.replace(shot, camera=camera, pose=pose)
    return render(first, shot), render(second, shot, framed_as=first)


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("region", REGIONS)
def test_a_redesign_changes_its_region_only(category: str, region: str) -> None:
    rng = np.random.default_rng([5, CATEGORIES.index(category), REGIONS.index(region)])
    original = invent(rng, category)
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
        copy = redesign(invent(rng, "long sleeve top"), ("left_sleeve", "right_sleeve"), rng)
        assert copy.left_sleeve.extra == copy.right_sleeve.extra
        assert copy.left_sleeve.fabric == copy.right_sleeve.fabric


def test_an_unknown_region_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(KeyError):
        redesign(invent(rng, "vest"), ["hood"], rng)


def test_a_look_alike_shares_category_and_main_colour_only() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        design = invent(rng, CATEGORIES[seed])
        other = look_alike(design, rng)
        assert other.category == design.category
        assert other.chest.fabric.main == design.chest.fabric.main
        assert changed_parts(design, other) == set(PARTS)
