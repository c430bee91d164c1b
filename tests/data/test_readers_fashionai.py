"""The readers of FashionAI's keypoints and attributes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label
from seamline.data.readers.bad_dataset import BadDataset
from seamline.data.readers.fashionai_attributes import VALUES, read_attributes
from seamline.data.readers.fashionai_keypoints import COLUMNS, POINTS
from seamline.data.readers.fashionai_labels import NAMES, labels
from seamline.data.readers.request import Request

HEADER = ",".join(["image_id", "image_category", *COLUMNS])
Points = dict[str, tuple[int, int, int]]

BLOUSE: Points = {
    "neckline_left": (90, 20, 1), "neckline_right": (110, 20, 1), "center_front": (100, 30, 1),
    "shoulder_left": (70, 25, 1), "shoulder_right": (130, 25, 1), "armpit_left": (75, 60, 1),
    "armpit_right": (125, 60, 1), "cuff_left_in": (60, 62, 1), "cuff_left_out": (50, 50, 0),
    "cuff_right_in": (140, 62, 1), "cuff_right_out": (150, 50, 1), "top_hem_left": (75, 120, 1),
    "top_hem_right": (125, 120, 1),
}  # fmt: skip
TROUSERS: Points = {
    "waistband_left": (80, 20, 1), "waistband_right": (120, 20, 1), "crotch": (100, 60, 1),
    "bottom_left_in": (95, 150, 1), "bottom_left_out": (75, 150, 1), "bottom_right_in": (105, 150, 1),
    "bottom_right_out": (125, 150, 1),
}  # fmt: skip


def row(name: str, category: str, points: Points) -> str:
    fields = ["_".join(map(str, points.get(column, (-1, -1, -1)))) for column in COLUMNS]
    return ",".join([name, category, *fields])


def write(folder: Path, *rows: tuple[str, Points]) -> Path:
    """A folder with one photo per row; returns the CSV file."""
    lines = [HEADER]
    for number, (category, points) in enumerate(rows):
        name = f"Images/{category}/{number}.jpg"
        (folder / "train" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (200, 160)).save(folder / "train" / name)
        lines.append(row(name, category, points))
    file = folder / "train" / "Annotations" / "train.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def read(folder: Path, keep: bool = False) -> list[Label]:
    return list(labels(Request(folder, "train", folder / "out", keep)))


def mirrored(points: Points) -> Points:
    return {name: (200 - x, y, visible) for name, (x, y, visible) in points.items()}


def test_every_keypoint_has_its_name_among_our_landmarks() -> None:
    assert set(NAMES) == set(COLUMNS)
    assert set(NAMES.values()) == set(LANDMARKS)
    for points in POINTS.values():
        assert len({NAMES[name] for name in points}) == len(points)


def test_the_points_of_a_blouse_keep_their_places(tmp_path: Path) -> None:
    write(tmp_path, ("blouse", BLOUSE))
    label = read(tmp_path)[0]
    assert label.photo == "train/Images/blouse/0.jpg"
    assert label.points["neck_bottom"] == (100, 30)
    assert label.points["cuff_right_outer"] == (150, 50)
    assert label.points["hem_left"] == (75, 120)
    assert label.points["crotch"] is None
    assert "cuff_left_outer" in label.unsure
    assert {"waist_left", "waist_right"} <= set(label.unsure)
    assert read(tmp_path, keep=True)[0].points["cuff_left_outer"] == (50, 50)


def test_a_garment_seen_from_the_other_side_gets_the_pictures_left_and_right(tmp_path: Path) -> None:
    write(tmp_path, ("blouse", BLOUSE), ("blouse", mirrored(BLOUSE)))
    straight, other = read(tmp_path)
    assert other.points["shoulder_left"] == (70, 25)
    assert straight.points["neck_left"] == other.points["neck_left"] == (90, 20)


@pytest.mark.parametrize(
    ("cuffs", "category"),
    [
        ({"in": (60, 62), "out": (50, 50)}, "short sleeve top"),
        ({"in": (50, 130), "out": (30, 125)}, "long sleeve top"),
        (None, "vest"),
    ],
)
def test_sleeves_tell_the_category(tmp_path: Path, cuffs: dict[str, tuple[int, int]] | None, category: str) -> None:
    points = {name: point for name, point in BLOUSE.items() if not name.startswith("cuff")}
    for part, (x, y) in (cuffs or {}).items():
        points |= {f"cuff_left_{part}": (x, y, 1), f"cuff_right_{part}": (200 - x, y, 1)}
    write(tmp_path, ("blouse", points))
    label = read(tmp_path)[0]
    assert label.category == category
    assert (label.points["cuff_left_outer"] is None) == (cuffs is None)
    assert not any(name.startswith("cuff") for name in label.unsure)


def test_legs_tell_trousers_from_shorts(tmp_path: Path) -> None:
    short = {name: (x, 80 if name.startswith("bottom") else y, v) for name, (x, y, v) in TROUSERS.items()}
    write(tmp_path, ("trousers", TROUSERS), ("trousers", short))
    found = read(tmp_path)
    assert [label.category for label in found] == ["trousers", "shorts"]
    assert found[0].points["leg_left_outer"] == (75, 150)
    assert found[0].unsure == ()


def test_the_box_is_that_of_the_points_with_a_margin_and_little_trusted(tmp_path: Path) -> None:
    write(tmp_path, ("trousers", TROUSERS))
    label = read(tmp_path)[0]
    assert label.box == pytest.approx((72.5, 13.5, 127.5, 156.5))
    assert label.box_trust < 0.5 < label.trust


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("center_front", "centre_front", 1, "'centre_front' is unknown"),
        (",bottom_right_out", "", 1, "25 columns"),
        ("100_30_1,", "", 2, "26 columns, not 25"),
        ("100_30_1", "100_30", 2, "not a keypoint"),
        ("100_30_1", "a_30_1", 2, "'a' is not a number"),
        ("100_30_1", "100_30_2", 2, "visibility 2 is unknown"),
        ("100_30_1", "300_30_1", 2, "outside the photo"),
        (",blouse", ",socks", 2, "category 'socks' is unknown"),
        (",blouse", ",skirt", 2, "a skirt has no armpit_left"),
        ("0.jpg", "9.jpg", 2, "is missing"),
        ("Images/", "/Images/", 2, "not named relative"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    file = write(tmp_path, ("blouse", BLOUSE))
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(BadDataset, match=reason) as caught:
        read(tmp_path)
    assert (caught.value.path, caught.value.where) == (file, line)


def test_empty_files_and_other_encodings_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, ("blouse", BLOUSE))
    file.write_bytes(HEADER.encode() + b"\n\xe9\n")
    with pytest.raises(BadDataset, match="line 2: the line is not UTF-8"):
        read(tmp_path)
    file.write_bytes(b"")
    with pytest.raises(BadDataset, match="empty"):
        read(tmp_path)
    file.unlink()
    with pytest.raises(BadDataset, match=r"no \.csv file"):
        read(tmp_path)


def test_points_that_span_no_box_are_refused(tmp_path: Path) -> None:
    write(tmp_path, ("skirt", {"waistband_left": (50, 50, 1)}))
    with pytest.raises(BadDataset, match="span no box"):
        read(tmp_path)


def attribute_file(folder: Path, line: str) -> Path:
    (folder / "Images").mkdir(exist_ok=True)
    Image.new("RGB", (20, 20)).save(folder / "Images" / "a.jpg")
    file = folder / "label.csv"
    file.write_text(f"{line}\n")
    return file


def test_attributes_name_the_value_and_what_else_may_be_meant(tmp_path: Path) -> None:
    file = attribute_file(tmp_path, "Images/a.jpg,collar_design_labels,nymnn")
    found = next(read_attributes(file, tmp_path))
    assert (found.attribute, found.value, found.possible) == ("collar_design_labels", "shirt", ("peter pan",))


def test_the_attributes_have_54_values() -> None:
    assert sum(len(values) for values in VALUES.values()) == 54


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Images/a.jpg,collar_design_labels,nynn", "5 letters"),
        ("Images/a.jpg,collar_design_labels,nyxnn", "5 letters"),
        ("Images/a.jpg,collar_design_labels,nnmnn", "exactly one y"),
        ("Images/a.jpg,collar_design_labels,yynnn", "exactly one y"),
        ("Images/a.jpg,colour,nynnn", "'colour' is unknown"),
        ("Images/a.jpg,nynnn", "3 columns, not 2"),
        ("Images/b.jpg,collar_design_labels,nynnn", "is missing"),
    ],
)
def test_bad_attributes_are_refused_with_their_line(tmp_path: Path, line: str, reason: str) -> None:
    file = attribute_file(tmp_path, line)
    with pytest.raises(BadDataset, match=reason) as caught:
        list(read_attributes(file, tmp_path))
    assert (caught.value.path, caught.value.where) == (file, 1)
