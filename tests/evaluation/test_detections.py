"""Detections of sets of photos, and what is read again of a cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.evaluation import detections
from seamline.evaluation.cache import mapped
from seamline.evaluation.detections import DetectedPhotos, detect
from seamline.evaluation.figures.detector import flat_lay
from seamline.evaluation.labelled import annotated
from seamline.evaluation.photos import PhotoSet
from seamline.evaluation.report import figures
from seamline.serving.weights import Weights
from tests.support.repositories import MODEL_REPOSITORY


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights.of_repository(MODEL_REPOSITORY)


@pytest.fixture
def photos(drawn_photos: Path) -> PhotoSet:
    return PhotoSet("photos", tuple(sorted((drawn_photos / "flatlay").rglob("*.jpg"))))


def detected(photos: PhotoSet, weights: Weights, cache: Path) -> DetectedPhotos:
    return detect({"photos": photos}, weights, cache, processes=1)["photos"]


def test_detections_are_read_again_until_the_code_that_makes_them_changes(
    photos: PhotoSet, weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [detected(photos, weights, tmp_path).key for _ in range(2)]
    monkeypatch.setattr("seamline.evaluation.detections.code_key", lambda *modules: "other code")
    keys.append(detected(photos, weights, tmp_path).key)
    assert keys[0] == keys[1] != keys[2]
    assert len(list(tmp_path.glob("found-*.npz"))) == 2


def test_two_evaluations_may_fill_one_cache_at_once(
    photos: PhotoSet, weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[DetectedPhotos] = []

    def meanwhile(*arguments: Any) -> Iterator[Any]:
        """The other evaluation begins and ends before this one has its first photo."""
        monkeypatch.setattr(detections, "mapped", mapped)
        others.append(detected(photos, weights, tmp_path))
        yield from mapped(*arguments)

    monkeypatch.setattr(detections, "mapped", meanwhile)
    mine = detected(photos, weights, tmp_path)
    (other,) = others
    np.testing.assert_array_equal(mine.garments.crops, other.garments.crops)
    np.testing.assert_array_equal(mine.garments.boxes, other.garments.boxes)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npz", ".bin"}


def test_weak_detections_begin_with_the_strong_ones_and_have_no_crops(
    photos: PhotoSet, weights: Weights, tmp_path: Path
) -> None:
    strong = detected(photos, weights, tmp_path)
    weak = detected(PhotoSet("weak", photos.files, weak=True), weights, tmp_path)
    assert strong.cropped
    assert not weak.cropped
    assert len(weak) >= len(strong)
    for photo in range(len(photos.files)):
        first = strong.garments.boxes[strong.rows(photo)]
        np.testing.assert_array_equal(weak.garments.boxes[weak.rows(photo)][: len(first)], first)


def test_a_given_box_is_the_one_garment_of_its_photo(drawn_photos: Path, weights: Weights, tmp_path: Path) -> None:
    (item,) = annotated(drawn_photos)
    given = PhotoSet("given", (drawn_photos / item.file,), (item.box,))
    found = detected(given, weights, tmp_path)
    assert found.garments.boxes.tolist() == [list(item.box)]
    hit, overlap = figures(flat_lay("drawn", found, [item.box], least=0.5), 0)
    assert (hit.value, overlap.value) == (1.0, 1.0)
    (missed, _) = figures(flat_lay("drawn", found, [item.box], least=1.1), 0)
    assert missed.value == 0.0
