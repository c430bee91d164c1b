"""Drawn people: what they wear is labelled where it shows, and copies what the manifest says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seamline.data.mask_box import mask_box
from seamline.data.readers.deepfashion2_layout import landmark_indices
from seamline.synthetic import Design, Drawn, random_design
from seamline.synthetic.catalogue import design_of, plan
from seamline.synthetic.people import MANIFEST, copied_by_people, draw_people
from seamline.synthetic.worn import WEARABLE, photograph_worn, wearable
from seamline.systems.psnet.spec import REGIONS

SIDE = 320


def designed(category: str, seed: int) -> Design:
    rng = np.random.default_rng([41, seed])
    return next(design for design in iter(lambda: random_design(rng, category), None) if wearable(design))


def worn(category: str, seed: int = 0) -> Drawn:
    return photograph_worn(designed(category, seed), np.random.default_rng([42, seed]), SIDE)


@pytest.fixture(scope="module")
def people() -> list[Drawn]:
    return [worn(category, seed) for seed, category in enumerate(WEARABLE)]


def test_every_wearable_category_is_worn_with_its_own_landmarks(people: list[Drawn]) -> None:
    for drawn, category in zip(people, WEARABLE, strict=True):
        assert drawn.category == category
        assert set(drawn.landmarks) == set(landmark_indices(category))
        assert drawn.rgb.shape[:2] == drawn.mask.shape == drawn.region.shape
        assert drawn.rgb.shape[0] == SIDE
        assert drawn.box == mask_box(drawn.mask)


def test_a_head_is_seen_above_the_garment_and_legs_or_a_wall_below_or_beside_it(people: list[Drawn]) -> None:
    for drawn in people:
        x0, y0, x1, _ = drawn.box
        assert y0 > 0.06 * SIDE
        assert 0 <= x0 < x1 <= drawn.rgb.shape[1]
        assert 0.08 < (drawn.mask > 0).mean() < 0.6


def test_regions_are_named_where_the_garment_shows_and_nowhere_else(people: list[Drawn]) -> None:
    for drawn in people:
        assert set(np.unique(drawn.region)) <= {*range(len(REGIONS)), 255}
        assert np.mean((drawn.region == 255) == (drawn.mask == 0)) > 0.99


def test_landmarks_lie_on_the_garment_or_at_its_edge(people: list[Drawn]) -> None:
    for drawn in people:
        rows, columns = np.nonzero(drawn.mask)
        for name, (x, y) in drawn.landmarks.items():
            away = np.hypot(columns + 0.5 - x, rows + 0.5 - y).min()
            assert away < 0.06 * SIDE, (drawn.category, name)


def test_a_body_is_narrower_than_the_garment_laid_flat() -> None:
    drawn = worn("short sleeve top")
    cut, points = drawn.design.cut, drawn.landmarks
    across = points["armpit_right"][0] - points["armpit_left"][0]
    down = points["hem_right"][1] - points["shoulder_right"][1]
    flat = 2 * cut.armpit[0] / (cut.hem[1] + drawn.design.waist.hem_drop - cut.shoulder[1])
    assert across / down < 0.9 * flat


def test_arms_and_hair_before_the_garment_are_no_part_of_it() -> None:
    drawn = [worn("long sleeve outwear", seed) for seed in range(12)]
    holes = [
        (one.mask[:, int(one.landmarks["shoulder_left"][0]) : int(one.landmarks["shoulder_right"][0])] == 0).mean()
        for one in drawn
    ]
    assert np.ptp(holes) > 0.02
    for one in drawn:
        skin = one.rgb[one.mask == 0].astype(int)
        assert len(np.unique(skin // 32, axis=0)) > 3


def test_same_seed_draws_same_pixels_and_another_seed_does_not() -> None:
    first, again, other = worn("vest dress", 3), worn("vest dress", 3), worn("vest dress", 4)
    assert np.array_equal(first.rgb, again.rgb)
    assert not np.array_equal(first.rgb, other.rgb)


def test_what_hangs_from_the_hips_or_hides_the_face_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="not in skirt"):
        photograph_worn(random_design(rng, "skirt"), rng, SIDE)
    jacket = designed("long sleeve outwear", 0)
    hooded = dataclasses.replace(jacket, collar=dataclasses.replace(jacket.collar, kind="hood"))
    with pytest.raises(ValueError, match="with a hood"):
        photograph_worn(hooded, rng, SIDE)


def test_people_wear_copies_of_originals_that_nothing_else_copies(tmp_path: Path) -> None:
    items = plan(40, 8, seed=5)
    manifest = draw_people(tmp_path, items, 3)
    assert json.loads((tmp_path / MANIFEST).read_text()) == manifest
    rows = manifest["people"]
    assert [row["wears_copy_of"] for row in rows] == [items[number].name for number in copied_by_people(items, 3)]
    copied = {items[item.based_on].name for item in items if item.kind == "copy" and item.based_on is not None}
    for row in rows:
        assert row["wears_copy_of"] not in copied
        number = int(row["wears_copy_of"].split("-")[1])
        assert design_of(number, items).category == row["category"]
        assert set(row["changed_regions"]) <= set(REGIONS)
        with Image.open(tmp_path / row["file"]) as photo:
            x0, y0, x1, y1 = row["box"]
            assert 0 <= x0 < x1 <= photo.width
            assert 0 <= y0 < y1 <= photo.height


def test_people_are_drawn_alike_again_and_fewer_where_fewer_can_be(tmp_path: Path) -> None:
    items = plan(13, 3, seed=5)
    first, again = draw_people(tmp_path / "a", items, 2), draw_people(tmp_path / "b", items, 2)
    assert first == again
    for row in first["people"]:
        assert (tmp_path / "a" / row["file"]).read_bytes() == (tmp_path / "b" / row["file"]).read_bytes()
    assert len(copied_by_people(items, 100)) < 13
