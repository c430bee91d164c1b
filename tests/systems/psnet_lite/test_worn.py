"""Garments on people as training data: what is kept apart, what covers a point, and what bends with the picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seamline.core.spec import LANDMARKS
from seamline.data.street_landmarks import FILE
from seamline.serving.weights import newest
from seamline.systems.psnet_lite.from_onnx import landmarks_from_onnx
from seamline.systems.psnet_lite.self_labels import self_labels
from seamline.systems.psnet_lite.worn import People, people
from seamline.systems.psnet_lite.worn_labels import DEVELOPMENT
from seamline.systems.psnet_lite.worn_views import bent, covered, dressed_view, worn_view
from seamline.training import augment
from seamline.training.augment import View
from seamline.training.crops import ABSENT, OCCLUDED, PLACED, PRESENT, SIDE, UNSURE, CropStore
from tests.systems.psnet_lite.people_folder import people_folder

COUNT = 2 * DEVELOPMENT
REPOSITORY = Path(__file__).parents[3] / "model_repository"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people_folder(tmp_path_factory.mktemp("people"), COUNT)


@pytest.fixture(scope="module")
def crowd(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> People:
    return people(folder, tmp_path_factory.mktemp("work"))


def test_a_person_who_judges_the_training_is_not_learnt_from(crowd: People) -> None:
    apart = {label.photo for label in crowd.development.labels}
    assert (len(apart), len(crowd.marked), len(crowd.street)) == (DEVELOPMENT, DEVELOPMENT, DEVELOPMENT)
    assert not apart & {label.photo for store in (crowd.marked, crowd.street) for label in store.garments.labels}


def test_a_hidden_point_is_told_from_a_seen_and_an_absent_one(crowd: People) -> None:
    state = dict(zip(LANDMARKS, crowd.marked.garments.state[0], strict=True))
    assert (state["neck_left"], state["neck_right"], state["cuff_left_outer"]) == (OCCLUDED, PRESENT, ABSENT)
    street = dict(zip(LANDMARKS, crowd.street.garments.state[0], strict=True))
    assert (street["neck_left"], street["cuff_left_outer"], street["crotch"]) == (UNSURE, UNSURE, ABSENT)


def test_covers_are_the_hair_and_not_the_garment(crowd: People) -> None:
    garment, cover = crowd.marked.garments.masks[0] > 127, crowd.marked.covers.masks[0] > 127
    assert garment.any()
    assert cover.any()
    assert not (garment & cover).any()


def test_a_jacket_covers_what_is_worn_below_it_and_a_vest_has_no_cuffs(tmp_path: Path) -> None:
    photos = people_folder(tmp_path / "photos", 3)
    for file in (photos / "street" / "label_names.txt", photos / FILE):
        file.write_text(file.read_text().replace("hair", "jacket").replace("coat", "vest"))
    street = people(photos, tmp_path / "work").street
    jacket, vest = ("jacket" in str(street.garments.labels[0].mask)), street.covers.masks[1]
    assert jacket
    assert not street.covers.masks[0].any()
    assert vest.any()
    state = dict(zip(LANDMARKS, street.garments.state[1], strict=True))
    assert (state["shoulder_left"], state["cuff_left_outer"]) == (UNSURE, ABSENT)


def test_a_photo_whose_labels_are_of_another_size_is_left_out_with_both_sizes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = people_folder(tmp_path / "photos", 3)
    Image.new("L", (10, 20), 2).save(photos / "street" / "labels" / "0002.png")
    found = people(photos, tmp_path / "work")
    assert (len(found.marked), len(found.street)) == (2, 2)
    noted = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert len(noted) == 2  # of the points set by hand, and of the photo
    assert all("the labels 0002.png are 10 x 20, their photo 120 x 200" in line for line in noted)


def test_a_photo_whose_labels_are_no_picture_is_left_out_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = people_folder(tmp_path / "photos", 3)
    spoilt = photos / "street" / "labels" / "0002.png"
    spoilt.write_bytes((photos / "street" / "images" / "0001.jpg").read_bytes()[:50])
    found = people(photos, tmp_path / "work")
    assert (len(found.marked), len(found.street)) == (2, 2)
    assert "line 2: " in (noted := capsys.readouterr().err)
    assert str(spoilt) in noted


def test_a_further_file_marks_more_garments_and_none_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, further = people_folder(tmp_path / "photos", COUNT + 2), tmp_path / "further.jsonl"
    *rows, new, other = [json.loads(line) for line in (photos / FILE).read_text().splitlines()]
    (photos / FILE).write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    digest = hashlib.sha256((photos / new["file"]).read_bytes()).hexdigest()[:16]
    more = [*rows, {**new, "sha256": digest}, {**other, "sha256": "of another photo"}]
    further.write_text("".join(f"{json.dumps(row)}\n" for row in more))
    found = people(photos, tmp_path / "work", further)
    assert (len(found.marked), len(found.development)) == (DEVELOPMENT + 1, DEVELOPMENT)
    assert found.marked.garments.labels[-1].photo == new["file"]
    (noted,) = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert noted.endswith(f"line {len(more)}: {other['file']} is another photo than the one that was labelled")


def test_labels_of_other_photos_are_counted_and_the_first_of_them_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, further = people_folder(tmp_path / "photos", 3), tmp_path / "further.jsonl"
    rows = [json.loads(line) for line in (photos / FILE).read_text().splitlines()]
    further.write_text("".join(f"{json.dumps({**rows[0], 'sha256': 'none'})}\n" for _ in range(14)))
    assert len(people(photos, tmp_path / "work", further).marked) == 3
    noted = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert (len(noted), noted[-1]) == (11, "left out: 4 more")


def view(points: list[tuple[float, float]]) -> View:
    places = np.zeros((len(LANDMARKS), 2), np.float32)
    places[: len(points)] = points
    state = np.full(len(LANDMARKS), UNSURE, np.int8)
    state[: len(points)] = PRESENT
    y, x = np.mgrid[:96, :96]
    pixels = np.stack([x * 2, y * 2, x * 0], -1).astype(np.uint8)
    return View(pixels, np.full((96, 96), 255, np.uint8), places, state)


def test_a_point_deep_below_a_cover_is_absent_and_one_at_its_edge_is_hidden() -> None:
    cover = np.zeros((96, 96), np.uint8)
    cover[:, 40:] = 255
    found = covered(view([(20, 50), (42, 50), (70, 50)]), np.zeros((96, 96, 3), np.uint8), cover)
    assert found.state[:3].tolist() == [PRESENT, OCCLUDED, ABSENT]
    assert not found.mask[:, 40:].any()
    assert not found.pixels[:, 44:].any()


def test_a_point_at_a_covers_edge_with_background_beside_it_is_absent() -> None:
    cover = np.zeros((96, 96), np.uint8)
    cover[:, 40:] = 255
    plain = view([(42, 20), (42, 80), (42, 20), (42, 80)])
    plain.mask[50:] = 0
    plain.state[2:4] = PLACED
    found = covered(plain, plain.pixels, cover)
    assert found.state[:4].tolist() == [OCCLUDED, ABSENT, PLACED, ABSENT]


def test_what_would_hide_nearly_all_of_a_garment_does_not_cover_it() -> None:
    cover = np.full((96, 96), 255, np.uint8)
    cover[:, :10] = 0
    plain = view([(20, 50)])
    assert covered(plain, plain.pixels, cover) is plain


def test_people_keep_what_surrounds_their_garment(crowd: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "random_background", lambda *_: pytest.fail("another background"))
    for seed in range(30):
        worn_view(crowd.marked.garments, 0, 64, crowd.street.covers, 0.5, np.random.default_rng(seed))


def test_points_stay_on_the_same_spot_of_a_bent_picture() -> None:
    plain = view([(30, 40), (60, 70)])
    found = bent(plain, np.random.default_rng(1))
    assert np.abs(found.points[:2] - plain.points[:2]).max() > 0.5
    for (x, y), (column, row) in zip(plain.points[:2], found.points[:2].astype(int), strict=True):
        red, green, _ = found.pixels[row, column].astype(float) / 2
        assert (red, green) == pytest.approx((x, y), abs=2)


def test_views_of_people_are_the_same_for_the_same_randomness(crowd: People, store: CropStore) -> None:
    covers = crowd.street.covers
    made: list[Callable[[np.random.Generator], View]] = [
        lambda random: worn_view(crowd.marked.garments, 1, 96, covers, 1.0, random),
        lambda random: dressed_view(store, 1, 96, covers, random),
    ]
    for make in made:
        first, second = make(np.random.default_rng(5)), make(np.random.default_rng(5))
        assert first.pixels.shape == (96, 96, 3)
        assert all(np.array_equal(value, vars(second)[name]) for name, value in vars(first).items())


def test_the_networks_own_labels_are_where_the_points_are_in_the_stored_crops(store: CropStore) -> None:
    points, state = self_labels(landmarks_from_onnx(newest(REPOSITORY, "encoder") / "model.onnx"), store)
    assert not (state == PRESENT).any()
    found = (state == PLACED) & (store.state == PRESENT)
    apart = np.hypot(*np.moveaxis(points - store.points, -1, 0))
    assert found.sum() > 40
    assert np.median(apart[found]) < 0.02 * SIDE
    assert state[store.state == ABSENT].mean() < 0.2
