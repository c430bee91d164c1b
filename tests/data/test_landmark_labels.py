"""Labelling a folder of photos."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from seamline.data.label_file import read_labels
from seamline.data.landmark_labels import label_folder, photo_names
from tests.data.shapes import TROUSERS, TSHIRT, Points, mask_of, photo_of


def put(folder: Path, name: str, points: Points) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo_of(points)).save(folder / name, quality=95)


def labelled(tmp_path: Path) -> tuple[Path, Path]:
    photos, out = tmp_path / "photos", tmp_path / "labels"
    put(photos, "flatlay/train/t-shirt/a.jpg", TSHIRT)
    put(photos, "flatlay/train/pants/b.jpg", TROUSERS)
    put(photos, "flatlay/validation/t-shirt/c.jpg", TSHIRT)
    put(photos, "flatlay/validation/t-shirt/d.jpg", TSHIRT)
    put(photos, "flatlay/train/hats/e.jpg", TSHIRT)
    (photos / "landmarks.json").write_text(json.dumps([{"file": "flatlay/validation/t-shirt/d.jpg"}]))
    label_folder(photos, out, processes=1)
    return photos, out


def test_photos_are_labelled_by_split_and_annotated_ones_are_kept_apart(tmp_path: Path) -> None:
    photos, out = labelled(tmp_path)
    files = {
        file: [label.photo for label in read_labels(out / file)] for file in sorted(p.name for p in out.glob("*.jsonl"))
    }
    assert files == {
        "labels.jsonl": ["flatlay/train/t-shirt/a.jpg", "flatlay/train/pants/b.jpg"],
        "labels_annotated.jsonl": ["flatlay/validation/t-shirt/d.jpg"],
        "labels_validation.jsonl": ["flatlay/validation/t-shirt/c.jpg"],
    }
    assert "flatlay/train/hats/e.jpg" not in photo_names(photos)


def test_a_label_says_where_the_garment_is(tmp_path: Path) -> None:
    _, out = labelled(tmp_path)
    shirt = next(iter(read_labels(out / "labels.jsonl")))
    truth = mask_of(TSHIRT) > 0
    mask = np.asarray(Image.open(out / str(shirt.mask))) > 0
    assert (shirt.width, shirt.height) == truth.shape[::-1]
    assert np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth) > 0.97
    assert np.abs(np.array(shirt.box) - (30, 60, 271, 341)).max() <= 5
    assert shirt.points["crotch"] is None
    hem = shirt.points["hem_left"]
    assert hem is not None
    assert np.hypot(hem[0] - 85, hem[1] - 340) < 8


def test_a_second_run_segments_nothing_again_and_gives_the_same_labels(tmp_path: Path) -> None:
    photos, out = labelled(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (out / "silhouettes").rglob("*.png")}
    lines = (out / "labels.jsonl").read_text()
    missing = next(iter(before))
    missing.unlink()
    label_folder(photos, out, processes=1)
    after = {path: path.stat().st_mtime_ns for path in (out / "silhouettes").rglob("*.png")}
    assert after.keys() == before.keys()
    assert [path for path in before if after[path] != before[path]] == [missing]
    assert (out / "labels.jsonl").read_text() == lines
