"""The readers of DeepFashion's three benchmarks: their lists joined, their points, categories and products."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seamline.data.label_file import Label
from seamline.data.readers import consumer2shop, inshop, landmark_benchmark
from seamline.data.readers.bad_dataset import BadDataset
from seamline.data.readers.request import Request
from seamline.training.crops import ABSENT, PRESENT, UNSURE, build_store

MARKS = " ".join(f"landmark_visibility_{n} landmark_location_x_{n} landmark_location_y_{n}" for n in range(1, 9))
TEE = "img/WOMEN/Tees_Tanks/id_00000001/02_1_front.jpg"
TEE_BACK = "img/WOMEN/Tees_Tanks/id_00000001/02_3_back.jpg"
SKIRT = "img/WOMEN/Skirts/id_00000002/01_1_front.jpg"
DRESS = "img/WOMEN/Dresses/id_00000003/01_1_front.jpg"

UPPER = "0 030 020 0 060 020 0 020 060 0 070 060 0 030 095 0 060 095"
"""Collar, sleeve and hem of a short-sleeved top, left before right, left at the picture's left."""
UPPER_REVERSED = "0 060 020 0 030 020 0 070 060 0 020 060 0 060 095 0 030 095"
LOWER = "0 030 020 0 060 020 0 020 090 0 070 090"
FULL = "0 030 010 0 060 010 0 020 090 0 070 090 0 033 050 1 058 050 2 000 000 0 075 120"

Labels = Callable[[Request], Iterator[Label]]


def table(path: Path, columns: str, rows: list[str], announced: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = f"{len(rows) if announced is None else announced}\n" + (f"{columns}\n" if columns else "")
    path.write_text(header + "".join(f"{row}\n" for row in rows))


def photos(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "Img" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 130)).save(folder / "Img" / name)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An In-shop folder: two photos of a tee and a dress to train with, a skirt as query."""
    photos(tmp_path, TEE, TEE_BACK, SKIRT, DRESS)
    items = ["id_00000001", "id_00000001", "id_00000002", "id_00000003"]
    splits = ["train", "train", "query", "train"]
    names = [TEE, TEE_BACK, SKIRT, DRESS]
    rows = [f"{name}   {item}   {split}" for name, item, split in zip(names, items, splits, strict=True)]
    table(tmp_path / "Eval/list_eval_partition.txt", "image_name item_id evaluation_status", rows)
    boxes = [f"{TEE} 1 1 010 010 080 100", f"{TEE_BACK} 1 3 010 010 080 100", f"{SKIRT} 2 1 010 010 080 100"]
    boxes.append(f"{DRESS} 3 1 005 005 095 128")
    table(tmp_path / "Anno/list_bbox_inshop.txt", "image_name clothes_type pose_type x_1 y_1 x_2 y_2", boxes)
    marks = [f"{TEE} 1 1 {UPPER}", f"{TEE_BACK} 1 1 {UPPER_REVERSED}", f"{SKIRT} 2 1 {LOWER}", f"{DRESS} 3 2 {FULL}"]
    table(tmp_path / "Anno/list_landmarks_inshop.txt", f"image_name clothes_type variation_type {MARKS}", marks)
    table(tmp_path / "Anno/list_item_inshop.txt", "", sorted(set(items)))
    described = [{"item": "id_00000003", "color": "Red", "description": ["A gown.", "Long sleeves, over a cami."]}]
    (tmp_path / "Anno/list_description_inshop.json").write_text(json.dumps(described))
    return tmp_path


def read(folder: Path, split: str = "train", labels: Labels = inshop.labels, keep: bool = False) -> list[Label]:
    return list(labels(Request(folder, split, folder / "out", keep)))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_only_photos_of_the_split_are_read(shop: Path) -> None:
    assert [label.photo for label in read(shop)] == [f"Img/{name}" for name in (TEE, TEE_BACK, DRESS)]
    assert [label.photo for label in read(shop, "query")] == [f"Img/{SKIRT}"]
    assert read(shop, "gallery") == []


def test_photos_of_a_product_have_its_name(shop: Path) -> None:
    assert [label.item for label in read(shop)] == [
        "deepfashion-inshop/id_00000001",
        "deepfashion-inshop/id_00000001",
        "deepfashion-inshop/id_00000003",
    ]


def test_collar_and_hem_of_a_top_keep_their_places(shop: Path) -> None:
    label = read(shop)[0]
    known = {name: point for name, point in label.points.items() if point}
    assert known == {"neck_left": (30, 20), "neck_right": (60, 20), "hem_left": (30, 95), "hem_right": (60, 95)}
    assert (label.box, label.source, label.mask) == ((10, 10, 80, 100), "deepfashion-inshop", None)


def test_what_the_set_does_not_tell_is_unsure(shop: Path) -> None:
    unsure = set(read(shop)[0].unsure)
    assert {
        "neck_bottom",
        "shoulder_left",
        "cuff_left_outer",
        "cuff_right_inner",
        "armpit_left",
        "waist_right",
    } <= unsure
    assert not unsure & {"neck_left", "hem_left", "crotch", "waistband_left"}


def test_left_is_the_pictures_left_whatever_the_set_calls_left(shop: Path) -> None:
    front, back = read(shop)[:2]
    assert front.points == back.points


def test_sides_that_cannot_be_told_are_unsure(shop: Path) -> None:
    one_side = "0 030 020 2 000 000 0 020 060 2 000 000 0 030 095 2 000 000"
    edit(shop / "Anno/list_landmarks_inshop.txt", UPPER, one_side)
    label = read(shop)[0]
    assert not any(label.points.values())
    assert {"neck_left", "hem_right"} <= set(label.unsure)


def test_occluded_points_are_unsure_unless_wanted_and_cut_off_ones_always(shop: Path) -> None:
    label, kept = read(shop)[2], read(shop, keep=True)[2]
    assert label.points["waist_left"] == (33, 50)
    assert label.points["waist_right"] is None
    assert kept.points["waist_right"] == (58, 50)
    assert kept.points["hem_left"] is None
    assert kept.points["hem_right"] == (75, 120)
    assert "hem_left" in kept.unsure


def test_categories_come_from_folder_type_and_description(shop: Path) -> None:
    assert [label.category for label in read(shop)] == ["short sleeve top"] * 2 + ["long sleeve dress"]
    skirt = read(shop, "query")[0]
    assert skirt.category == "skirt"
    assert skirt.points["waistband_left"] == (30, 20)
    assert skirt.points["hem_right"] == (70, 90)


def test_the_ends_of_trouser_legs_are_unsure(shop: Path) -> None:
    trousers = SKIRT.replace("Skirts", "Pants")
    photos(shop, trousers)
    for name in ("Eval/list_eval_partition.txt", "Anno/list_bbox_inshop.txt", "Anno/list_landmarks_inshop.txt"):
        edit(shop / name, SKIRT, trousers)
    label = read(shop, "query")[0]
    assert label.category == "trousers"
    assert label.points["waistband_right"] == (60, 20)
    assert {"leg_left_outer", "leg_left_inner", "crotch"} <= set(label.unsure)
    assert label.points["hem_left"] is None


def test_descriptions_and_items_may_be_missing(shop: Path) -> None:
    (shop / "Anno/list_description_inshop.json").unlink()
    (shop / "Anno/list_item_inshop.txt").unlink()
    assert len(read(shop)) == 3


def test_pose_and_variation_are_kept(shop: Path) -> None:
    found = list(inshop.read_inshop(Request(shop, "train", shop)))
    assert [(garment.view, garment.variation) for garment in found] == [(1, 1), (3, 1), (1, 2)]


def test_labels_go_into_training_as_they_are(shop: Path) -> None:
    store = build_store(read(shop), shop, shop / "out", shop / "store")
    assert len(store) == 3
    assert (store.mask_trust == 0).all()
    assert set(np.unique(store.state)) == {ABSENT, PRESENT, UNSURE}


PARTITION, BOXES = "Eval/list_eval_partition.txt", "Anno/list_bbox_inshop.txt"
LANDMARKS, ITEMS = "Anno/list_landmarks_inshop.txt", "Anno/list_item_inshop.txt"
DESCRIPTIONS = "Anno/list_description_inshop.json"

BAD: list[tuple[str, str, str, object, str]] = [
    (PARTITION, "4\n", "5\n", 1, "announces 5 rows, but there are 4"),
    (PARTITION, "4\n", "four\n", 1, "'four' is not a number"),
    (PARTITION, "4\n", "", 1, "not the number of rows"),
    (PARTITION, "   train", "   validate", 3, "partition 'validate' is unknown"),
    (PARTITION, "item_id ", "", 2, "the columns are"),
    (PARTITION, "   id_00000001   train", "   train", 3, "3 columns, not 2"),
    (PARTITION, "   id_00000001   train", "   id_00000009   train", 3, "id_00000009 is not in list_item"),
    (BOXES, "pose_type", "mood", 2, "'mood' is neither"),
    (BOXES, "image_name", "photo", 2, "the columns are"),
    (BOXES, "010 010 080 100", "010 010 080", 3, "7 columns, not 6"),
    (BOXES, "010 010 080 100", "010 010 x80 100", 3, "'x80' is not a number"),
    (BOXES, "010 010 080 100", "010 010 080 200", 3, "outside the photo"),
    (BOXES, "010 010 080 100", "080 010 010 100", 3, "no area"),
    (BOXES, f"{TEE} 1 1", f"{TEE} 4 1", 3, "clothes type 4 is unknown"),
    (BOXES, f"{TEE} 1 1", f"{TEE} 1 9", 3, "pose type 9 is unknown"),
    (LANDMARKS, f"{TEE} 1 1", f"{TEE} 2 1", 3, "clothes type 2 has 4 landmarks of 3 numbers, not 18"),
    (LANDMARKS, f"{TEE} 1 1", f"{TEE} 1 6", 3, "variation type 6 is unknown"),
    (LANDMARKS, "1 1 0 030", "1 1 3 030", 3, "visibility 3 is unknown"),
    (LANDMARKS, "1 1 0 030", "1 1 0 inf", 3, "not a finite number"),
    (LANDMARKS, "1 1 0 030", "1 1 0 900", 3, "outside the photo"),
    (LANDMARKS, "4\n", "3\n", 1, "announces 3 rows, but there are 4"),
    (LANDMARKS, TEE, TEE.replace("02_1", "02_9"), None, "02_1_front.jpg has no row"),
    (ITEMS, "3\n", "2\n", 1, "announces 2 rows, but there are 3"),
    (DESCRIPTIONS, '"item"', '"id"', "[0]", "object with item"),
    (DESCRIPTIONS, "]", "", 1, "not JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "where", "reason"), BAD)
def test_a_bad_list_is_refused_with_file_and_line(
    shop: Path, name: str, old: str, new: str, where: object, reason: str
) -> None:
    edit(shop / name, old, new)
    with pytest.raises(BadDataset, match=reason) as caught:
        read(shop)
    assert (caught.value.path, caught.value.where) == (shop / name, where)


@pytest.mark.parametrize("name", [PARTITION, BOXES, LANDMARKS, ITEMS, DESCRIPTIONS])
def test_empty_files_and_other_encodings_are_refused(shop: Path, name: str) -> None:
    content = (shop / name).read_bytes()
    (shop / name).write_bytes(b"")
    with pytest.raises(BadDataset, match="the file is empty"):
        read(shop)
    (shop / name).write_bytes(content + b"\xe9\n")
    with pytest.raises(BadDataset, match="not UTF-8") as caught:
        read(shop)
    assert caught.value.where == content.count(b"\n") + 1


@pytest.mark.parametrize("name", [PARTITION, BOXES, LANDMARKS])
def test_a_missing_list_is_refused(shop: Path, name: str) -> None:
    (shop / name).unlink()
    with pytest.raises(BadDataset, match="the file is missing"):
        read(shop)


def test_a_photo_without_box_is_refused(shop: Path) -> None:
    edit(shop / BOXES, TEE, TEE.replace("02_1", "02_9"))
    with pytest.raises(BadDataset, match=r"has no row in list_bbox_inshop\.txt") as caught:
        read(shop)
    assert (caught.value.path, caught.value.where) == (shop / LANDMARKS, 3)


def test_a_type_that_differs_between_lists_is_refused(shop: Path) -> None:
    edit(shop / BOXES, f"{TEE} 1 1", f"{TEE} 3 1")
    with pytest.raises(BadDataset, match="has clothes type 1 here, but 3 in"):
        read(shop)


def test_missing_photos_are_refused(shop: Path) -> None:
    (shop / "Img" / DRESS).unlink()
    with pytest.raises(BadDataset, match=r"01_1_front\.jpg is missing") as caught:
        read(shop)
    assert (caught.value.path, caught.value.where) == (shop / LANDMARKS, 6)


def test_a_photo_outside_the_folder_is_refused(shop: Path) -> None:
    for name in (PARTITION, BOXES, LANDMARKS):
        edit(shop / name, TEE, "../secret.jpg")
    with pytest.raises(BadDataset, match="not named relative"):
        read(shop)


def test_bad_rows_can_be_left_out_and_are_reported_once(shop: Path) -> None:
    edit(shop / BOXES, "010 010 080 100", "010 010 080 200")
    left_out: list[BadDataset] = []
    found = list(inshop.labels(Request(shop, "train", shop, report=left_out.append)))
    assert [label.photo for label in found] == [f"Img/{TEE_BACK}", f"Img/{DRESS}"]
    assert [(error.path, error.where) for error in left_out] == [(shop / BOXES, 3)]


CONSUMER = "img/TOPS/T_Shirt/id_00000218/comsumer_01.jpg"
CONSUMER_2 = "img/TOPS/T_Shirt/id_00000218/comsumer_02.jpg"
SHOP = "img/TOPS/T_Shirt/id_00000218/shop_01.jpg"


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A Consumer-to-shop folder: two buyers' photos of one product, one photo of the shop."""
    photos(tmp_path, CONSUMER, CONSUMER_2, SHOP)
    rows = [f"{CONSUMER} {SHOP} id_00000218 val", f"{CONSUMER_2} {SHOP} id_00000218 val"]
    columns = "image_pair_name_1 image_pair_name_2 item_id evaluation_status"
    table(tmp_path / PARTITION, columns, rows)
    boxes = [f"{CONSUMER} 1 2 10 10 80 100", f"{CONSUMER_2} 1 2 10 10 80 100", f"{SHOP} 1 1 5 5 80 100"]
    columns = "image_name clothes_type source_type x_1 y_1 x_2 y_2"
    table(tmp_path / "Anno/list_bbox_consumer2shop.txt", columns, boxes)
    marks = [f"{name} 1 3 {UPPER}" for name in (CONSUMER, CONSUMER_2, SHOP)]
    columns = f"image_name clothes_type variation_type {MARKS}"
    table(tmp_path / "Anno/list_landmarks_consumer2shop.txt", columns, marks)
    table(tmp_path / "Anno/list_item_consumer2shop.txt", "", ["id_00000218"])
    return tmp_path


def test_every_photo_of_the_pairs_is_read_once(street: Path) -> None:
    found = read(street, "val", consumer2shop.labels)
    assert [label.photo for label in found] == [f"Img/{name}" for name in (CONSUMER, CONSUMER_2, SHOP)]
    assert {label.item for label in found} == {"deepfashion-c2s/id_00000218"}
    assert {label.category for label in found} == {"short sleeve top"}
    assert read(street, "train", consumer2shop.labels) == []


def test_pairs_and_source_types_are_kept(street: Path) -> None:
    expected = [(CONSUMER, SHOP, "id_00000218"), (CONSUMER_2, SHOP, "id_00000218")]
    assert list(consumer2shop.read_pairs(street, "val")) == expected
    found = list(consumer2shop.read_consumer2shop(Request(street, "val", street)))
    assert [garment.view for garment in found] == [consumer2shop.CONSUMER] * 2 + [consumer2shop.SHOP]


def test_a_photo_of_two_products_is_refused(street: Path) -> None:
    table(street / "Anno/list_item_consumer2shop.txt", "", ["id_00000218", "id_00000219"])
    edit(street / PARTITION, f"{CONSUMER_2} {SHOP} id_00000218", f"{CONSUMER_2} {SHOP} id_00000219")
    with pytest.raises(BadDataset, match="shows the item id_00000219 here, but id_00000218"):
        read(street, "val", consumer2shop.labels)


JEANS, BLOUSE = "img/Skinny_Jeans/img_00000001.jpg", "img/Sheer_Blouse/img_00000001.jpg"


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """A folder of the landmark benchmark."""
    photos(tmp_path, JEANS, BLOUSE)
    table(tmp_path / PARTITION, "image_name evaluation_status", [f"{JEANS} train", f"{BLOUSE} train"])
    rows = [f"{JEANS} 010 010 080 100", f"{BLOUSE} 010 010 080 100"]
    table(tmp_path / "Anno/list_bbox.txt", "image_name x_1 y_1 x_2 y_2", rows)
    rows = [f"{JEANS} 2 1 {LOWER}", f"{BLOUSE} 1 1 {UPPER}"]
    table(tmp_path / "Anno/list_landmarks.txt", f"image_name clothes_type variation_type {MARKS}", rows)
    return tmp_path


def attributes(folder: Path) -> None:
    """Turn the folder into one of the category and attribute benchmark."""
    rows = ["Blouse 1", "Jeans 2", "Shorts 2", "Cardigan 1"]
    table(folder / "Anno/list_category_cloth.txt", "category_name category_type", rows)
    rows = [f"{JEANS} 3", f"{BLOUSE} 4"]
    table(folder / "Anno/list_category_img.txt", "image_name category_label", rows)
    table(folder / "Anno/list_attr_cloth.txt", "attribute_name attribute_type", ["a-line 3", "long sleeve 3", "red 1"])
    rows = [f"{JEANS} -1 -1 0", f"{BLOUSE} 1 1 -1"]
    table(folder / "Anno/list_attr_img.txt", "image_name attribute_labels", rows)


def test_the_landmark_benchmark_names_no_products(benchmark: Path) -> None:
    found = read(benchmark, labels=landmark_benchmark.labels)
    assert [(label.category, label.item) for label in found] == [("trousers", None), ("short sleeve top", None)]
    assert found[0].points["waistband_left"] == (30, 20)


def test_lists_of_categories_and_attributes_tell_the_category(benchmark: Path) -> None:
    attributes(benchmark)
    found = read(benchmark, labels=landmark_benchmark.labels)
    assert [label.category for label in found] == ["shorts", "long sleeve outwear"]
    rows = list(landmark_benchmark.read_attributes(benchmark))
    assert [row.names for row in rows] == [(), ("a-line", "long sleeve")]


def test_landmarks_without_a_column_for_the_variation_are_read(benchmark: Path) -> None:
    rows = [f"{JEANS} 2 {LOWER}", f"{BLOUSE} 1 {UPPER}"]
    table(benchmark / "Anno/list_landmarks.txt", f"image_name clothes_type {MARKS}", rows)
    found = list(landmark_benchmark.read_landmark_benchmark(Request(benchmark, "train", benchmark)))
    assert [garment.variation for garment in found] == [None, None]
    assert (found[1].landmarks["hem_right"].x, found[1].landmarks["hem_right"].y) == (60, 95)


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "reason"),
    [
        ("list_category_img.txt", f"{JEANS} 3", f"{JEANS} 5", 3, "category 5 is unknown"),
        ("list_category_img.txt", f"{JEANS} 3", f"{JEANS}", 3, "2 columns, not 1"),
        ("list_category_cloth.txt", "Jeans 2", "Jeans 7", 4, "category type 7 is unknown"),
        ("list_attr_img.txt", f"{JEANS} -1 -1 0", f"{JEANS} -1 -1", 3, "4 columns, not 3"),
        ("list_attr_img.txt", f"{JEANS} -1 -1 0", f"{JEANS} -1 -1 2", 3, "flag 2 is unknown"),
    ],
)
def test_bad_categories_and_attributes_are_refused(
    benchmark: Path, name: str, old: str, new: str, where: int, reason: str
) -> None:
    attributes(benchmark)
    edit(benchmark / "Anno" / name, old, new)
    with pytest.raises(BadDataset, match=reason) as caught:
        read(benchmark, labels=landmark_benchmark.labels)
    assert (caught.value.path, caught.value.where) == (benchmark / "Anno" / name, where)
