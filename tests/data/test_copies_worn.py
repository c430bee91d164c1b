"""Garments on people as originals of copies, and what such a copy may change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.spec import LANDMARKS
from seamline.data.copies import WORN, GarmentSample, make_copy, sample_of
from seamline.data.copies.__main__ import main
from seamline.data.copies.landmarks import GUESSED, landmark
from seamline.data.copies.redesign import choose_regions, redesign
from seamline.data.copies.worn import worn_labels
from seamline.data.copies.worn_points import read_lower, with_guesses
from seamline.data.copies.zones import region_zones
from tests.data.drawn_people import NAMES, draw_people, pixel_labels, placed
from tests.data.shapes import TROUSERS, mask_of

REAL = Path(__file__).parents[3] / "shared" / "photos"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_people(tmp_path_factory.mktemp("people"), {800: "train", 801: "dev", 802: "dev"})


def samples(people: Path, out: Path) -> dict[str, GarmentSample]:
    """The garments of photo 801 by what they are."""
    found = worn_labels(people, out, range(801, 802))
    assert not found.refused
    return {label.category: sample_of(label, people, out) for label in found.labels}


def test_garments_of_the_photos_asked_for_have_points_and_a_mask(people: Path, tmp_path: Path) -> None:
    found = worn_labels(people, tmp_path, range(801, 900))
    assert [(label.photo[-8:], label.category) for label in found.labels] == [
        (f"{number:04}.jpg", category) for number in (801, 802) for category in ("short sleeve top", "trousers")
    ]
    assert all((tmp_path / str(label.mask)).is_file() for label in found.labels)


def test_all_regions_can_be_told_though_points_are_missing(people: Path, tmp_path: Path) -> None:
    of = samples(people, tmp_path)
    shown = [[bool(zone.any()) for zone in region_zones(of[name])] for name in ("short sleeve top", "trousers")]
    assert shown == [[True, True, True, False, True], [True] * 5]  # the left sleeve's end lies behind the bag


def test_points_that_were_guessed_have_less_confidence(people: Path, tmp_path: Path) -> None:
    points = samples(people, tmp_path)["short sleeve top"].points
    confidence = dict(zip(LANDMARKS, points[:, 2].tolist(), strict=True))
    assert confidence["hem_left"] == 1.0
    assert confidence["waist_left"] == confidence["neck_bottom"] == GUESSED
    assert confidence["cuff_left_outer"] == confidence["crotch"] == 0.0


@pytest.mark.parametrize("category", ["short sleeve top", "trousers"])
def test_a_redesign_changes_pixels_of_the_garments_label_only(people: Path, tmp_path: Path, category: str) -> None:
    of = samples(people, tmp_path)
    original, others = of[category], list(of.values())
    for seed in range(12):
        random = np.random.default_rng(seed)
        regions = choose_regions(original, WORN.edit, random)
        changed = redesign(original, regions, others, WORN.edit, random).sample
        assert changed.mask is original.mask
        apart = (changed.rgb != original.rgb).any(-1)
        assert apart.any()
        assert not apart[original.mask == 0].any()


def test_a_copy_is_the_whole_photo_taken_again(people: Path, tmp_path: Path) -> None:
    original = samples(people, tmp_path)["short sleeve top"]
    first, second = (make_copy(original, [], (), WORN, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.sample.rgb, second.sample.rgb)
    assert first.redesigned
    assert first.sample.mask.any()
    beside = first.sample.rgb[first.sample.mask == 0].astype(float)
    assert beside.std(0).max() > 20  # the street, the person and the trousers are still there


def test_a_missing_side_is_the_mirror_image_of_the_other() -> None:
    known = {"shoulder_left": (10, 0), "shoulder_right": (30, 0), "armpit_left": (12, 10), "hem_left": (8, 60)}
    found = with_guesses({name: np.array(place, float) for name, place in known.items()})
    np.testing.assert_allclose(found["armpit_right"], (28, 10))
    np.testing.assert_allclose(found["hem_right"], (32, 60))
    assert found["neck_left"][0] < found["neck_right"][0]
    assert 10 < found["waist_left"][1] < 60
    assert "cuff_left_outer" not in found


def test_nothing_is_guessed_from_nothing() -> None:
    assert with_guesses({"hem_left": np.array([1.0, 2.0])}).keys() == {"hem_left"}


def test_trousers_whose_legs_touch_have_their_crotch_at_the_usual_height() -> None:
    points = {**TROUSERS, "crotch": (150.0, 330.0)}
    found = read_lower(mask_of(points), "trousers")
    assert found.trust > 0.5
    assert 100 < found.points["crotch"][1] < 180


def test_a_label_of_another_size_is_left_out_and_named(people: Path, tmp_path: Path) -> None:
    folder = draw_people(tmp_path / "people", {801: "dev", 802: "dev"})
    Image.fromarray(pixel_labels()[:100]).save(folder / "street" / "labels" / "0801.png")
    found = worn_labels(folder, tmp_path, range(801, 900))
    assert {label.photo[-8:] for label in found.labels} == {"0802.jpg"}
    assert all("0801" in sentence or "line 1" in sentence for sentence in found.refused)
    assert len(found.refused) == 2  # of the photo, and of its hand-set points


def test_what_lies_over_the_garment_is_not_in_its_mask(people: Path, tmp_path: Path) -> None:
    original = samples(people, tmp_path)["short sleeve top"]
    labels = pixel_labels()
    assert not original.mask[np.isin(labels, [NAMES.index("hair"), NAMES.index("bag")])].any()
    cuff = placed({"cuff": (245, 165)}, (30, 50))["cuff"]
    found = landmark(original, "cuff_right_inner")
    assert found is not None
    assert np.allclose(found, cuff)


@pytest.mark.skipif(not (REAL / "street_landmarks.jsonl").is_file(), reason="the real photos are not there")
def test_most_real_garments_of_the_development_photos_can_be_divided(tmp_path: Path) -> None:
    found = worn_labels(REAL, tmp_path, range(801, 821))
    assert not found.refused
    zones = [region_zones(sample_of(label, REAL, tmp_path)) for label in found.labels]
    assert len(zones) > 15
    assert np.mean([sum(bool(zone.any()) for zone in of) >= 3 for of in zones]) > 0.85


def test_the_command_makes_a_sheet_of_garments_on_people(people: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    assert main([str(people), "--level", "worn", "--sheet", str(sheet), "--count", "2"]) == 0
    with Image.open(sheet) as picture:
        assert picture.width > 150


def test_the_command_names_a_folder_without_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--level", "worn", "--sheet", str(tmp_path / "sheet.png")]) == 2
    assert "street_landmarks.jsonl" in capsys.readouterr().err
