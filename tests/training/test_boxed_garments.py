"""Crops of labelled garments of which nothing is known but their boxes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from seamline.core.spec import CATEGORIES
from seamline.data.label_file import Label
from seamline.training.boxed_garments import build_boxed_store

RED, GREY = (200, 30, 30), (128, 128, 128)


def label(photo: str, size: tuple[int, int] = (100, 120)) -> Label:
    return Label(photo, *size, (20, 30, 60, 90), "skirt", {}, "silhouette", None, 1.0, 1.0)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png"):
        photo = Image.new("RGB", (100, 120), GREY)
        photo.paste(RED, (20, 30, 60, 90))
        photo.save(tmp_path / name)
    return tmp_path


def test_every_label_is_an_original_that_shows_its_box(photos: Path, tmp_path: Path) -> None:
    store = build_boxed_store([label("a.png"), label("b.png")], photos, tmp_path / "store")
    assert store.garment.tolist() == [0, 1]
    assert (store.copy == -1).all()
    assert {CATEGORIES[category] for category in store.category} == {"skirt"}
    assert store.pixels.shape == (2, 224, 224, 3)
    assert abs(store.pixels[0, 112, 112].astype(int) - RED).max() < 4
    assert abs(store.pixels[0, 112, 4].astype(int) - GREY).max() < 4


def test_a_photo_that_cannot_be_read_is_left_out_and_named(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "a.png").write_bytes(b"no picture")
    store = build_boxed_store([label("a.png"), label("gone.png"), label("b.png")], photos, tmp_path / "store")
    assert len(store) == 1
    said = capsys.readouterr().err
    assert "left out: a.png" in said
    assert "left out: gone.png" in said


def test_another_box_makes_another_store(photos: Path, tmp_path: Path) -> None:
    first = build_boxed_store([label("a.png")], photos, tmp_path / "store").pixels[0].copy()
    whole = Label("a.png", 100, 120, (0, 0, 100, 120), "skirt", {}, "silhouette", None, 1.0, 1.0)
    assert (build_boxed_store([whole], photos, tmp_path / "store").pixels[0] != first).any()
