"""Garments on people as photos of a gallery."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.evaluation.street_items import StreetItem, chosen_items, photo_of, street_items
from tests.data.drawn_people import draw_people

EVERY = tuple(
    StreetItem(f"street/images/{number:04}.jpg#coat", "long sleeve outwear", (0, 0, 9, 9)) for number in range(790, 811)
)


def test_every_garment_has_its_name_category_and_box(drawn_photos: Path, cache: Path) -> None:
    found = street_items(drawn_photos, cache)
    assert not found.refused
    assert [(item.name, item.category) for item in found.items][:2] == [
        ("street/images/0800.jpg#t-shirt", "short sleeve top"), ("street/images/0800.jpg#pants", "trousers"),
    ]  # fmt: skip
    x0, y0, x1, y1 = found.items[0].box
    assert 0 < x0 < x1 < 300
    assert 50 < y0 < y1 < 400
    assert street_items(drawn_photos, cache) == found


def test_a_photo_with_labels_of_another_size_is_left_out_and_named(tmp_path: Path) -> None:
    folder = draw_people(tmp_path / "people", {801: "dev", 802: "dev"})
    Image.new("L", (10, 10), 2).save(folder / "street" / "labels" / "0801.png")
    found = street_items(folder, tmp_path)
    assert {item.photo for item in found.items} == {"street/images/0802.jpg"}
    (sentence,) = found.refused
    assert "0801.png" in sentence
    assert "10 x 10" in sentence


def test_a_folder_without_street_photos_has_none(tmp_path: Path) -> None:
    assert street_items(tmp_path, tmp_path).items == ()


def test_photos_that_train_nothing_come_first_and_what_is_wanted_always() -> None:
    wanted = {EVERY[0].name}
    few = chosen_items(EVERY, wanted, 6, seed=0)
    assert len(few) == 6
    assert {item.name for item in few[1:]} <= {item.name for item in EVERY if item.photo > "street/images/0800.jpg"}
    assert few[0].name in wanted
    more = chosen_items(EVERY, wanted, 15, seed=0)
    assert {item.name for item in EVERY[11:]} | wanted <= {item.name for item in more}
    assert more == chosen_items(EVERY, wanted, 15, seed=0) != chosen_items(EVERY, wanted, 15, seed=1)
    assert chosen_items(EVERY, wanted, 100, seed=0) == EVERY


def test_the_photo_of_a_name() -> None:
    assert photo_of("street/images/0801.jpg#coat") == "street/images/0801.jpg"
    assert photo_of("flatlay/train/dress/1.jpg") == "flatlay/train/dress/1.jpg"
