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
    points = {"neck_left": [10, 5]}
    digest = hashlib.sha256(b"a photo").hexdigest()[:16]
    return {"photo": PHOTO, "sha256": digest, "points": points, "unsure": ["hem_left"], **changes}


def placed(photos: Path, *rows: dict[str, Any]) -> list[Label]:
    file = photos / "flat_landmarks.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return with_points_set_by_eye([label("other.jpg"), label(PHOTO)], file, photos)


def test_points_set_by_eye_are_trusted_and_box_and_mask_stay(photos: Path) -> None:
    other, found = placed(photos, row())
    assert other == label("other.jpg")
    assert found.points == {"neck_left": (10.0, 5.0)}
    assert (found.trust, found.unsure, found.source) == (1.0, ("hem_left",), SET_BY_EYE)
    assert (found.box, found.mask, found.box_trust) == ((0, 0, 40, 50), "a.png", 0.9)


def test_another_photo_of_that_name_keeps_its_points_and_it_is_counted(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert placed(photos, row(sha256="0" * 16))[1] == label(PHOTO)
    assert "0 of 1 labels are of these photos" in capsys.readouterr().err
    placed(photos, row())
    assert "1 of 1 labels are of these photos" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"photo": PHOTO}, "line 2 is no label of points: it lacks 'sha256'"),
        (row(points={"elbow": [1, 2]}), "line 2 is no label of points: elbow is no landmark"),
        (row(unsure=["knee"]), "line 2 is no label of points: knee is no landmark"),
        (row(points={"hem_left": [1]}), "line 2 is no label of points: not enough values"),
        (row(points={"hem_left": [None, 1]}), "line 2 is no label of points: float"),
        (row(points=[]), "line 2 is no label of points: 'list' object"),
        (row(sha256=""), "line 2 is no label of points: sha256 should be at least"),
        (row(sha256=None), "line 2 is no label of points: expected string"),
    ],
)
def test_a_line_that_is_no_label_is_named(photos: Path, line: dict[str, Any], said: str) -> None:
    with pytest.raises(BadOption, match=said):
        placed(photos, row(), line)
