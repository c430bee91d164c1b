"""The copies of a benchmark and where they come from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.errors import BadOption
from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label
from seamline.data.landmark_labels import photo_names
from seamline.evaluation.copies import check_development, make_copies
from seamline.evaluation.copy_plan import CopyPlan
from seamline.evaluation.figures.detector import street_ground_truth
from seamline.evaluation.labelled import held_out, street_photos, trusted
from seamline.evaluation.photos import Options


@pytest.fixture
def plan(drawn_photos: Path, cache: Path) -> CopyPlan:
    originals = trusted(held_out(Options(drawn_photos, cache, processes=1), photo_names(drawn_photos)))
    return CopyPlan(drawn_photos, cache, tuple(originals), "medium", 2, seed=0)


def test_every_original_has_its_copies_with_their_truth(plan: CopyPlan, cache: Path) -> None:
    made = make_copies(plan, cache, processes=1)
    assert [one.original for one in made] == [label.photo for label in plan.originals for _ in range(2)]
    for one in made:
        assert one.file.is_file()
        assert one.points.shape == (len(LANDMARKS), 3)
        assert not set(one.redesigned) & set(one.kept)
        assert 1 <= len(one.redesigned) <= 2
        assert one.original not in one.sources
        assert all("validation" in name for name in one.sources)


def test_copies_are_made_once_and_read_again(plan: CopyPlan, cache: Path) -> None:
    first = make_copies(plan, cache, processes=1)
    written = [one.file.stat().st_mtime_ns for one in first]
    again = make_copies(plan, cache, processes=1)
    assert written == [one.file.stat().st_mtime_ns for one in again]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        assert dataclasses.replace(one, points=other.points) == other


def test_the_same_plan_gives_the_same_pixels_elsewhere(plan: CopyPlan, cache: Path, tmp_path: Path) -> None:
    one = dataclasses.replace(plan, originals=plan.originals[:2], count=1)
    here, there = make_copies(one, cache, processes=1), make_copies(one, tmp_path, processes=1)
    assert [copy.file.read_bytes() for copy in here] == [copy.file.read_bytes() for copy in there]


def test_what_the_pixels_depend_on_names_the_copies(plan: CopyPlan) -> None:
    others = [
        dataclasses.replace(plan, **change)
        for change in ({"seed": 1}, {"level": "hard"}, {"count": 3}, {"regions": 0}, {"originals": plan.originals[:1]})
    ]
    assert len({plan.key(), *(other.key() for other in others)}) == 6
    assert dataclasses.replace(plan, photos=Path("elsewhere")).key() == plan.key()


def test_photos_that_train_networks_are_refused(plan: CopyPlan, cache: Path) -> None:
    trained = dataclasses.replace(plan.originals[0], photo="flatlay/train/t-shirt/1.jpg")
    with pytest.raises(BadOption, match=r"flatlay/train/t-shirt/1\.jpg"):
        make_copies(dataclasses.replace(plan, originals=(trained,)), cache, processes=1)
    check_development(["flatlay/validation/t-shirt/0.jpg"])


def test_a_label_needs_good_points_and_a_good_silhouette() -> None:
    label = Label("a", 1, 1, (0, 0, 1, 1), "vest", {}, "silhouette")
    poor = dataclasses.replace(label, trust=0.5), dataclasses.replace(label, box_trust=0.5)
    assert trusted([label, *poor]) == [label]


def test_street_photos_of_training_are_left_out(drawn_photos: Path) -> None:
    images = street_photos(drawn_photos)
    assert [image.name for image in images] == ["0801.jpg", "0802.jpg"]
    assert [garment.name for garment in street_ground_truth(images[0])] == ["t-shirt", "pants"]
