"""Hand-set landmarks of street photos: what is read, and what is left out and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.errors import NotFound
from seamline.data.street_landmarks import FILE, HIDDEN, SEEN, TRAIN, read_street_landmarks

REAL = Path(__file__).parents[3] / "shared" / "photos"

GOOD: dict[str, Any] = {
    "file": "street/images/0001.jpg", "part": "train", "label": "coat", "bbox": [20, 30, 80, 120],
    "points": {"neck_left": [40, 32], "hem_left": [22.5, 118], "armpit_left": None},
    "visible": {"neck_left": 1, "hem_left": 2, "armpit_left": 0}, "pose": "front", "quality": "clean", "note": "",
}  # fmt: skip


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with one photo of 100 x 160 pixels that shows a coat."""
    labels = np.zeros((160, 100), np.uint8)
    labels[30:120, 20:80] = 2
    for name, picture in (("images/0001.jpg", np.zeros((160, 100, 3), np.uint8)), ("labels/0001.png", labels)):
        path = tmp_path / "street" / name
        path.parent.mkdir(parents=True)
        Image.fromarray(picture).save(path)
    (tmp_path / "street" / "label_names.txt").write_text("0 null\n1 skin\n2 coat\n3 dress\n")
    return tmp_path


def written(photos: Path, *entries: object) -> Path:
    (photos / FILE).write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return photos


def test_a_garment_has_its_points_what_is_seen_of_them_and_its_mask(photos: Path) -> None:
    (garment,) = read_street_landmarks(written(photos, GOOD)).of(TRAIN)
    assert (garment.category, garment.width, garment.height) == ("long sleeve outwear", 100, 160)
    assert garment.seen() == {"hem_left": (22.5, 118.0)}
    assert (garment.visible["neck_left"], garment.visible["hem_left"]) == (HIDDEN, SEEN)
    assert garment.points["armpit_left"] is None
    assert garment.mask().sum() == 60 * 90


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"file": "street/images/0002.jpg"}, "0002"),
        ({"bbox": [80, 30, 20, 120]}, "the box"),
        ({"label": "dress"}, "its mask is empty"),
        ({"points": {"hem_left": [101, 5]}}, "hem_left .* outside the photo of 100 x 160"),
        ({"points": {"neck_left": None}}, "neck_left is visible 1"),
        ({"points": {"knee": [1, 1]}, "visible": {"knee": 2}}, "knee is no landmark"),
        ({"points": 3}, "attribute"),
        ({"visible": {}}, "it lacks 'neck_left'"),
    ],
)
def test_a_bad_entry_is_left_out_with_its_file_and_line(photos: Path, change: dict[str, Any], reason: str) -> None:
    found = read_street_landmarks(written(photos, {**GOOD, **change}, GOOD))
    assert [garment.line for garment in found.garments] == [2]
    (refusal,) = found.refused
    assert refusal.startswith(f"{photos / FILE}, line 1: ")
    with pytest.raises(ValueError, match=reason):
        raise ValueError(refusal)


def test_pixel_labels_of_another_size_than_the_photo_are_refused(photos: Path) -> None:
    Image.new("L", (50, 80), 2).save(photos / "street" / "labels" / "0001.png")
    (refusal,) = read_street_landmarks(written(photos, GOOD)).refused
    assert refusal.endswith("line 1: the labels 0001.png are 50 x 80, their photo 100 x 160")


def test_a_line_that_is_not_json_is_left_out(photos: Path) -> None:
    (photos / FILE).write_text("{\n" + json.dumps(GOOD) + "\n")
    found = read_street_landmarks(photos)
    assert (len(found.garments), len(found.refused)) == (1, 1)


def test_a_folder_without_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="name the folder that holds street_landmarks"):
        read_street_landmarks(tmp_path)


@pytest.mark.skipif(not (REAL / FILE).is_file(), reason="the real photos are not there")
def test_every_line_of_the_real_file_is_read() -> None:
    found = read_street_landmarks(REAL)
    assert not found.refused
    assert {part: len(found.of(part)) for part in ("train", "dev")} == {"train": 90, "dev": 50}
