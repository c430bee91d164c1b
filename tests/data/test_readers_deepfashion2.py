"""The reader of DeepFashion2: annotation files, landmarks, masks and products."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from seamline.core.spec import CATEGORIES, LANDMARKS, counterpart
from seamline.data.label_file import Label
from seamline.data.readers.bad_dataset import BadDataset
from seamline.data.readers.deepfashion2 import read_annotation
from seamline.data.readers.deepfashion2_labels import labels
from seamline.data.readers.deepfashion2_layout import COUNT, landmark_indices, swaps
from seamline.data.readers.request import Request
from seamline.synthetic.templates import TEMPLATES
from seamline.training.crops import build_store

SIZE = (200, 160)
BOX = [40, 20, 140, 120]

Change = Callable[[dict[str, Any]], object]


def figure(category: str) -> list[tuple[float, float]]:
    """Points of the category in the set's order, as the published figure numbers them, relative to their box."""
    points = TEMPLATES[category] / (TEMPLATES[category][:, 0].max(), 1.0)
    if category == "short sleeve outwear":
        points[[1, 3]] = points[[3, 1]]
    return [(float(x), float(y)) for x, y in points]


def placed(category: str, mirrored: bool = False) -> list[tuple[float, float]]:
    """The category's points in BOX; mirrored as in a photo turned left to right, whose points keep their numbers."""
    points = [(1 - x if mirrored else x, y) for x, y in figure(category)]
    return [(BOX[0] + x * 100, BOX[1] + y * 100) for x, y in points]


def item(category: str = "short sleeve top", style: int = 1, mirrored: bool = False) -> dict[str, Any]:
    x0, y0, x1, y1 = BOX
    return {
        "category_name": category,
        "category_id": CATEGORIES.index(category) + 1,
        "style": style,
        "bounding_box": BOX,
        "landmarks": [number for point in placed(category, mirrored) for number in (*point, 2)],
        "segmentation": [[x0, y0, x1, y0, x1, y1, x0, y1]],
        "scale": 2,
        "occlusion": 1,
        "zoom_in": 1,
        "viewpoint": 2,
    }


def write(folder: Path, items: list[dict[str, Any]], number: int = 1, split: str = "train", pair: int = 7) -> Path:
    """One photo with its annotation file; returns the latter."""
    for name in ("annos", "image"):
        (folder / split / name).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", SIZE).save(folder / split / "image" / f"{number:06d}.jpg")
    file = folder / split / "annos" / f"{number:06d}.json"
    data = {"source": "user", "pair_id": pair} | {f"item{n}": one for n, one in enumerate(items, start=1)}
    file.write_text(json.dumps(data))
    return file


def read(folder: Path, keep_occluded: bool = False) -> list[Label]:
    return list(labels(Request(folder, "train", folder / "out", keep_occluded)))


def test_all_categories_together_have_the_294_published_landmarks() -> None:
    assert sum(COUNT.values()) == 294
    assert (COUNT["short sleeve top"], COUNT["trousers"], COUNT["sling dress"]) == (25, 14, 19)


@pytest.mark.parametrize("category", CATEGORIES)
def test_mirror_pairs_undo_themselves_and_join_points_at_equal_height(category: str) -> None:
    swap = swaps(category)
    assert sorted(swap) == sorted(swap.values()) == list(range(1, COUNT[category] + 1))
    assert all(swap[swap[number]] == number for number in swap)
    for number, other in swap.items():
        if category == "short sleeve outwear" and number in (2, 4, 6, 26):
            continue  # the figure swaps 2 and 4
        assert abs(figure(category)[number - 1][1] - figure(category)[other - 1][1]) < 0.12


@pytest.mark.parametrize("category", CATEGORIES)
def test_our_points_of_the_right_are_the_mirror_images_of_those_of_the_left(category: str) -> None:
    indices, swap = landmark_indices(category), swaps(category)
    assert list(indices) == [name for name in LANDMARKS if name in indices]
    for name, numbers in indices.items():
        assert sorted(indices[counterpart(name)]) == sorted(swap[number] for number in numbers)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_point_lies_where_its_name_says(tmp_path: Path, category: str) -> None:
    write(tmp_path, [item(category)])
    points = read(tmp_path)[0].points
    for name, point in points.items():
        other = points[counterpart(name)]
        assert (point is None) == (other is None)
        if point and other and "left" in name.split("_"):
            assert point[0] < other[0], name
    above = [("neck_left", "armpit_left"), ("armpit_left", "waist_left"), ("waist_left", "hem_left")]
    above += [("waistband_right", "hem_right"), ("waistband_right", "crotch"), ("crotch", "leg_right_inner")]
    outside = [("cuff_left_outer", "cuff_left_inner"), ("shoulder_left", "neck_left")]
    outside += [("leg_left_outer", "leg_left_inner"), ("leg_right_inner", "leg_right_outer")]
    for upper, lower in above:
        first, second = points[upper], points[lower]
        assert not first or not second or first[1] < second[1], (upper, lower)
    for left, right in outside:
        first, second = points[left], points[right]
        assert not first or not second or first[0] <= second[0] + 1, (left, right)


def test_the_documented_table_is_the_one_in_use() -> None:
    text = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[1:] == list(CATEGORIES))
    table = {row[0]: row[1:] for row in rows if len(row) == len(head)}
    for column, category in enumerate(CATEGORIES):
        written = {name: table[name][column] for name in LANDMARKS if table[name][column]}
        used = {name: ", ".join(map(str, numbers)) for name, numbers in landmark_indices(category).items()}
        assert written == used


def test_points_keep_the_places_of_the_annotation(tmp_path: Path) -> None:
    write(tmp_path, [item("long sleeve dress")])
    label, given = read(tmp_path)[0], placed("long sleeve dress")
    expected = {"neck_bottom": 4, "cuff_left_inner": 12, "armpit_right": 28, "cuff_right_outer": 33, "hem_right": 23}
    assert all(label.points[name] == pytest.approx(given[number - 1]) for name, number in expected.items())
    assert label.points["crotch"] is None
    assert label.unsure == ()


@pytest.mark.parametrize("category", [name for name in CATEGORIES if name != "short sleeve outwear"])
def test_a_garment_seen_from_the_other_side_gets_the_pictures_left_and_right(tmp_path: Path, category: str) -> None:
    write(tmp_path, [item(category), item(category, mirrored=True)])
    straight, mirrored = (label.points for label in read(tmp_path))
    for name, point in straight.items():
        other = mirrored[counterpart(name)]
        assert point is None or other == pytest.approx((2 * BOX[0] + 100 - point[0], point[1]))


def test_crossed_legs_do_not_exchange_the_sides(tmp_path: Path) -> None:
    crossed = item("trousers")
    marks = np.array(crossed["landmarks"]).reshape(-1, 3)
    left, right = [5, 6], [11, 9]  # leg ends, counted from 0
    marks[left], marks[right] = marks[right].copy(), marks[left].copy()
    write(tmp_path, [crossed | {"landmarks": marks.ravel().tolist()}])
    points = read(tmp_path)[0].points
    assert points["leg_left_outer"] == pytest.approx(placed("trousers")[11])
    assert points["waistband_left"] == pytest.approx(placed("trousers")[0])


@pytest.mark.parametrize("swapped", [False, True])
def test_short_outwear_is_read_whichever_of_points_2_and_4_is_the_neck(tmp_path: Path, swapped: bool) -> None:
    garment = item("short sleeve outwear")  # 2 is the front's top in the figure
    marks = np.array(garment["landmarks"]).reshape(-1, 3)
    if swapped:
        marks[[1, 3]] = marks[[3, 1]]
    write(tmp_path, [garment | {"landmarks": marks.ravel().tolist()}])
    points, given = read(tmp_path)[0].points, placed("short sleeve outwear")
    assert points["neck_left"] == pytest.approx(given[3])
    assert points["neck_bottom"] == pytest.approx(np.mean([given[1], given[25]], axis=0))


def test_points_that_are_hidden_or_not_labelled_are_unsure_and_not_absent(tmp_path: Path) -> None:
    garment = item("skirt")
    marks = np.array(garment["landmarks"]).reshape(-1, 3)
    marks[0, 2] = 1
    marks[4] = 0
    write(tmp_path, [garment | {"landmarks": marks.ravel().tolist()}])
    label, kept = read(tmp_path)[0], read(tmp_path, keep_occluded=True)[0]
    assert label.unsure == ("hem_left", "waistband_left")
    assert kept.unsure == ("hem_left",)
    assert label.points["waistband_left"] is None
    assert kept.points["waistband_left"] == pytest.approx(placed("skirt")[0])


def test_products_have_one_name_and_unpaired_garments_none(tmp_path: Path) -> None:
    write(tmp_path, [item(style=2), item(style=0)], number=1, pair=7)
    write(tmp_path, [item(style=2), item(style=3)], number=2, pair=7)
    write(tmp_path, [item(style=2)], number=3, pair=8)
    found = [label.item for label in read(tmp_path)]
    assert found[1] is None
    assert found[0] == found[2] is not None
    assert len(set(found)) == 4


def test_a_label_names_photo_box_category_and_mask(tmp_path: Path) -> None:
    write(tmp_path, [item("sling")])
    label = read(tmp_path)[0]
    assert (label.photo, label.width, label.height) == ("train/image/000001.jpg", *SIZE)
    assert (label.box, label.category, label.source) == ((40, 20, 140, 120), "sling", "deepfashion2")
    assert label.mask == "masks/train/000001-item1.png"
    assert Label.from_line(label.to_line()).item == label.item == "deepfashion2/7/1"


def test_the_mask_is_the_union_of_the_polygons(tmp_path: Path) -> None:
    pieces = [[20, 20, 80, 20, 80, 80, 20, 80], [60, 60, 120, 60, 120, 120, 60, 120]]
    write(tmp_path, [item() | {"segmentation": pieces}])
    mask = cv2.imread(str(tmp_path / "out" / str(read(tmp_path)[0].mask)), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    assert mask.shape == SIZE[::-1]
    assert set(np.unique(mask)) == {0, 255}
    area, outline = 2 * 60 * 60 - 20 * 20, 8 * 60
    assert area <= np.count_nonzero(mask) <= area + outline
    assert mask[70, 70] == mask[30, 30] == mask[100, 100] == 255
    assert mask[30, 100] == 0


def test_the_labels_go_into_training_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, [item("long sleeve top"), item("skirt")])
    found = read(tmp_path)
    store = build_store(found, tmp_path, tmp_path / "out", tmp_path / "store")
    assert [CATEGORIES[index] for index in store.category] == ["long sleeve top", "skirt"]
    assert (store.mask_trust == 1).all()
    assert store.masks[0].max() == 255
    assert set(np.unique(store.state)) == {0, 1}


def test_grades_and_source_are_kept(tmp_path: Path) -> None:
    found = read_annotation(write(tmp_path, [item() | {"viewpoint": 3}]))
    garment = found.items[0]
    assert (found.source, found.pair_id) == ("user", 7)
    assert (garment.scale, garment.occlusion, garment.zoom_in, garment.viewpoint) == (2, 1, 1, 3)


BAD: list[tuple[str, Change, str]] = [
    ("item1", lambda one: one.update(category_id=14), "category_id 14 is unknown"),
    ("item1", lambda one: one.update(category_name="skirt"), "category_name says 'skirt'"),
    ("item1", lambda one: one.pop("style"), "'style' is missing"),
    ("item1.landmarks", lambda one: one["landmarks"].pop(), "25 landmarks of 3 numbers, not 74"),
    ("item1.landmarks", lambda one: one["landmarks"].__setitem__(2, 5), "visibility 5 is unknown"),
    ("item1.landmarks", lambda one: one["landmarks"].__setitem__(0, "x"), "'x' is not a number"),
    ("item1.landmarks", lambda one: one["landmarks"].__setitem__(0, 300), "outside the photo"),
    ("item1.bounding_box", lambda one: one.update(bounding_box=[40, 20, 240, 120]), "outside the photo"),
    ("item1.bounding_box", lambda one: one.update(bounding_box=[40, 20, 40, 120]), "no area"),
    ("item1.bounding_box", lambda one: one.update(bounding_box=[40, 20, 60]), "4 numbers, not 3"),
    ("item1.bounding_box", lambda one: one.update(bounding_box=[40, 20, 60, float("nan")]), "not a finite number"),
    ("item1.segmentation", lambda one: one.update(segmentation=[[1, 2, 3, 4]]), "three or more points"),
    ("item1.segmentation", lambda one: one.update(segmentation={}), "not a list of polygons"),
    ("item1.style", lambda one: one.update(style=True), "True is not a number"),
]


@pytest.mark.parametrize(("key", "change", "reason"), BAD)
def test_a_bad_item_is_refused_with_file_and_key(tmp_path: Path, key: str, change: Change, reason: str) -> None:
    garment = item()
    change(garment)
    file = write(tmp_path, [garment])
    with pytest.raises(BadDataset, match=reason) as caught:
        read(tmp_path)
    assert (caught.value.path, caught.value.where) == (file, key)


@pytest.mark.parametrize(
    ("content", "where", "reason"),
    [
        (b"", None, "empty"),
        (b'{"source": "user",\n "pair_id": }', 2, "not JSON"),
        (b'{"source": "\xff"}', 1, "not UTF-8"),
        (b"[]", None, "not a JSON object"),
        (b'{"source": "street", "pair_id": 1}', "source", "'street' is unknown"),
        (b'{"source": "shop", "pair_id": 1.5}', "pair_id", "not a whole number"),
        (b'{"source": "shop", "pair_id": 1}', None, "there is no item"),
        (b"[" * 100_000, None, "nested too deeply"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, where: object, reason: str) -> None:
    file = write(tmp_path, [item()])
    file.write_bytes(content)
    with pytest.raises(BadDataset, match=reason) as caught:
        read(tmp_path)
    assert (caught.value.path, caught.value.where) == (file, where)


def test_a_missing_or_damaged_photo_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [item()])
    photo = tmp_path / "train" / "image" / "000001.jpg"
    photo.write_bytes(b"no photo")
    with pytest.raises(BadDataset, match="not a photo"):
        read(tmp_path)
    photo.unlink()
    with pytest.raises(BadDataset, match=r"000001\.jpg is missing"):
        read(tmp_path)


def test_a_photo_that_would_be_turned_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [item()])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", SIZE).save(tmp_path / "train" / "image" / "000001.jpg", exif=exif)
    with pytest.raises(BadDataset, match="EXIF orientation"):
        read(tmp_path)


def test_a_box_one_pixel_too_far_is_moved_into_the_photo(tmp_path: Path) -> None:
    write(tmp_path, [item() | {"bounding_box": [-1, 0, 201, 161]}])
    assert read(tmp_path)[0].box == (0, 0, *SIZE)


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match=r"train.annos: .*missing"):
        read(tmp_path)


def test_bad_photos_can_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, [item() | {"category_id": 0}], number=1)
    write(tmp_path, [item()], number=2)
    left_out: list[BadDataset] = []
    found = list(labels(Request(tmp_path, "train", tmp_path, report=left_out.append)))
    assert [label.photo for label in found] == ["train/image/000002.jpg"]
    assert [error.where for error in left_out] == ["item1"]
