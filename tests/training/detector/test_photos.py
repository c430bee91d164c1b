"""Which photos are learnt from, and their pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.core.spec import CATEGORIES
from seamline.data.label_file import Label, write_labels
from seamline.training.detector.album import PERSON, decoded
from seamline.training.detector.photos import (
    DEVELOPED_STREET,
    LABELS,
    TRAINED_STREET,
    file_labels,
    possible_categories,
    street_labels,
)

NAMES = "0 null\n1 skin\n2 coat\n3 pants\n4 bodysuit\n5 blouse\n"


def label(photo: str, box_trust: float, mask: str | None = None) -> Label:
    return Label(photo, 80, 100, (10, 20, 60, 90), "skirt", {}, "silhouette", mask, 1.0, box_trust)


@pytest.fixture
def street(tmp_path: Path) -> Path:
    for folder in ("images", "labels"):
        (tmp_path / "street" / folder).mkdir(parents=True)
    (tmp_path / "street" / "label_names.txt").write_text(NAMES)
    for number, value in ((740, 2), (741, 3), (801, 3), (802, 4), (803, 0)):
        labels = np.zeros((100, 80), np.uint8)
        labels[20:90, 10:60] = value
        Image.fromarray(labels).save(tmp_path / "street" / "labels" / f"{number:04d}.png")
        Image.new("RGB", (80, 100)).save(tmp_path / "street" / "images" / f"{number:04d}.jpg")
    return tmp_path


def paint(street: Path, area: tuple[slice, slice], value: int) -> None:
    """Give an area of the photo 740, rows and columns, another label."""
    file = street / "street" / "labels" / "0740.png"
    labels = np.asarray(Image.open(file)).copy()
    labels[area] = value
    Image.fromarray(labels).save(file)


def test_street_photos_that_measure_are_neither_learnt_from_nor_chosen_by(street: Path) -> None:
    (learnt,), (chosen_by,) = street_labels(street, TRAINED_STREET), street_labels(street, DEVELOPED_STREET)
    assert Path(learnt.path).stem == "0740"
    assert Path(chosen_by.path).stem == "0741"
    assert [CATEGORIES[garment.label] for garment in chosen_by.garments] == ["trousers"]


def test_a_street_photo_whose_garment_has_no_category_is_left_out(street: Path) -> None:
    assert [Path(photo.path).stem for photo in street_labels(street, range(801, 804))] == ["0801"]


def test_labels_of_another_size_are_named_and_the_other_photos_stay(
    street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (40, 50), 2).save(street / "street" / "labels" / "0740.png")
    (street / "street" / "images" / "0741.jpg").write_bytes(b"no photo")
    assert [Path(photo.path).stem for photo in street_labels(street, range(1, 802))] == ["0801"]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "0740.jpg: the labels 0740.png are 40 x 50, their photo 80 x 100" in said[0]
    assert "0741.jpg" in said[1]


def test_the_rest_of_a_person_is_marked_beside_the_garments(street: Path) -> None:
    paint(street, (slice(5, 20), slice(30, 40)), 1)
    (photo,) = street_labels(street, TRAINED_STREET)
    garments = decoded(photo).garments
    assert (garments[5:20, 30:40] == PERSON).all()
    assert (garments[20:90, 10:60] == 1).all()
    assert not garments[:5].any()


def test_what_a_coat_hides_is_labelled_as_any_of_its_kind(street: Path) -> None:
    paint(street, (slice(20, 60), slice(25, 40)), 5)
    (photo,) = street_labels(street, TRAINED_STREET)
    coat, blouse = (garment.label for garment in photo.garments)
    assert (LABELS[coat], LABELS[blouse]) == ("long sleeve outwear", "top")
    assert [CATEGORIES[place] for place in np.flatnonzero(possible_categories()[coat])] == ["long sleeve outwear"]
    assert {CATEGORIES[place] for place in np.flatnonzero(possible_categories()[blouse])} == {
        "short sleeve top", "long sleeve top", "vest", "sling",
    }  # fmt: skip


def test_without_a_street_folder_there_are_no_street_photos(tmp_path: Path) -> None:
    assert street_labels(tmp_path, TRAINED_STREET) == []


def test_a_label_file_gives_the_photos_whose_boxes_can_be_trusted(tmp_path: Path) -> None:
    write_labels(
        tmp_path / "labels.jsonl", [label("a.jpg", 0.9), label("b.jpg", 0.2), label("c.jpg", 0.9), label("c.jpg", 0.1)]
    )
    (found,) = file_labels(tmp_path / "labels.jsonl", tmp_path / "photos")
    assert found.path == str(tmp_path / "photos" / "a.jpg")
    assert found.garments[0].box == (10.0, 20.0, 60.0, 90.0)


def test_a_picture_marks_the_mask_inside_the_box(tmp_path: Path) -> None:
    mask = np.zeros((100, 80), np.uint8)
    mask[30:90, 15:60] = 255
    mask[0:3, 0:3] = 255  # a speck outside the box
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.new("RGB", (80, 100), (9, 9, 9)).save(tmp_path / "a.jpg")
    write_labels(tmp_path / "labels.jsonl", [label("a.jpg", 1.0, "mask.png")])
    picture = decoded(file_labels(tmp_path / "labels.jsonl", tmp_path)[0])
    assert picture.exact
    assert np.array_equal(picture.garments, np.where(mask > 0, 1, 0) * (np.arange(100)[:, None] >= 20))


def test_without_a_mask_the_box_is_filled(tmp_path: Path) -> None:
    Image.new("RGB", (80, 100)).save(tmp_path / "a.jpg")
    write_labels(tmp_path / "labels.jsonl", [label("a.jpg", 1.0)])
    picture = decoded(file_labels(tmp_path / "labels.jsonl", tmp_path)[0])
    assert not picture.exact
    assert picture.garments[20:90, 10:60].all()
    assert picture.garments.sum() == 70 * 50
