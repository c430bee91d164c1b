"""Crops of garments on people, of photos with pixel labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from seamline.core.spec import CATEGORIES
from seamline.training.people import build_people_store
from tests.systems.psnet_lite.people_folder import people_folder


def test_every_garment_of_a_street_photo_is_an_original_of_its_own(tmp_path: Path) -> None:
    store = build_people_store(people_folder(tmp_path / "photos", 3), tmp_path / "store")
    assert store is not None
    assert store.garment.tolist() == [0, 1, 2]
    assert (store.copy == -1).all()
    assert {CATEGORIES[category] for category in store.category} == {"long sleeve outwear"}
    assert store.pixels.shape == (3, 224, 224, 3)


def test_a_photo_with_labels_of_another_size_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = people_folder(tmp_path / "photos", 2)
    Image.new("L", (10, 10)).save(photos / "street" / "labels" / "0001.png")
    store = build_people_store(photos, tmp_path / "store")
    assert store is not None
    assert len(store) == 1
    assert "left out: 0001.jpg: the labels 0001.png are 10 x 10, their photo 120 x 200" in capsys.readouterr().err


def test_photos_that_shall_not_count_are_left_out(tmp_path: Path) -> None:
    photos = people_folder(tmp_path / "photos", 3)
    store = build_people_store(photos, tmp_path / "store", without={"street/images/0002.jpg", "street/images/0004.jpg"})
    assert store is not None
    assert len(store) == 2


def test_a_folder_without_street_photos_has_no_people(tmp_path: Path) -> None:
    assert build_people_store(tmp_path, tmp_path / "store") is None
    assert not (tmp_path / "store").exists()
