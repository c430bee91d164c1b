"""Points set by eye take the place of those of a silhouette, in the photo that they were set in and in no other."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from seamline.core.errors import BadOption
from seamline.core.spec import LANDMARKS
from seamline.data.flat_points import SET_BY_EYE, with_points_set_by_eye
from seamline.data.label_file import Label

PHOTO = "flatlay/train/t-shirt/a.jpg"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / PHOTO).parent.mkdir(parents=True)
    (tmp_path / PHOTO).write_bytes(b"a photo")
    return tmp_path


def label(photo: str) -> Label:
    points = dict.fromkeys(LANDMARKS, (1.0, 2.0))
    return Label(
        photo, 40, 50, (0, 0, 40, 50), "short sleeve top", points, "silhouette", "a.png", 0.4, 0.9, ("crotch",)
    )


def row(**changes: Any) -> dict[str, Any]:
    points = {**dict.fromkeys(LANDMARKS), "neck_left": [10, 5]}
    digest = hashlib.sha256(b"a photo").hexdigest()[:16]
    return {"photo": PHOTO, "sha256": digest, "points": points, "unsure": ["hem_left"], **changes}


def placed(photos: Path, *rows: dict[str, Any]) -> list[Label]:
    file = photos / "flat_landmarks.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return with_points_set_by_eye([label("other.jpg"), label(PHOTO)], file, photos)


def test_points_set_by_eye_are_trusted_and_box_and_mask_stay(photos: Path) -> None:
    other, found = placed(photos, row())
    assert other == label("other.jpg")
    assert (found.points["neck_left"], found.points["neck_right"]) == ((10.0, 5.0), None)
    assert (found.trust, found.unsure, found.source) == (1.0, ("hem_left",), SET_BY_EYE)
    assert (found.box, found.mask, found.box_trust) == ((0, 0, 40, 50), "a.png", 0.9)


def test_another_photo_of_that_name_keeps_its_points(photos: Path) -> None:
    assert placed(photos, row(sha256="0123"))[1] == label(PHOTO)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"photo": PHOTO}, "line 2 is no label of points: 'points'"),
        (row(points={"elbow": [1, 2]}), "line 2: elbow is no landmark"),
        (row(unsure=["knee"]), "line 2: knee is no landmark"),
    ],
)
def test_a_line_that_is_no_label_is_named(photos: Path, line: dict[str, Any], said: str) -> None:
    with pytest.raises(BadOption, match=said):
        placed(photos, row(), line)
