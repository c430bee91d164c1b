"""Garments from street pixel labels."""

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.data.mask_box import mask_box
from seamline.data.street import (
    COARSE,
    bare_share,
    categories_of,
    garments,
    is_complete,
    read_names,
    street_photos,
    without_specks,
)

NAMES = {
    "null": 0, "skin": 1, "dress": 2, "blouse": 3, "pants": 4, "coat": 5, "t-shirt": 6, "top": 7, "bodysuit": 8,
    "vest": 9, "romper": 10, "sweater": 11, "hair": 12,
}  # fmt: skip


def picture(**areas: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Labels 200x100 with rectangles x0, y0, x1, y1; later ones lie on top."""
    labels = np.zeros((200, 100), np.uint8)
    for name, (x0, y0, x1, y1) in areas.items():
        labels[y0:y1, x0:x1] = NAMES[name.replace("_", "-")]
    return labels


def told(labels: NDArray[np.uint8]) -> dict[str, str]:
    """What the photo tells of each garment."""
    return {garment.name: garment.label for garment in garments(labels, NAMES)}


def categories(labels: NDArray[np.uint8]) -> dict[str, str]:
    return {garment.name: garment.category for garment in garments(labels, NAMES)}


def test_a_box_spans_all_pieces_of_a_label() -> None:
    labels = picture(coat=(20, 40, 70, 120), t_shirt=(40, 40, 50, 120))
    assert {garment.name: garment.box for garment in garments(labels, NAMES)}["coat"] == (20.0, 40.0, 70.0, 120.0)


def test_specks_do_not_widen_the_box() -> None:
    labels = picture(pants=(30, 100, 60, 190))
    labels[5:8, 90:93] = NAMES["pants"]
    assert garments(labels, NAMES)[0].box == (30.0, 100.0, 60.0, 190.0)


def test_a_garment_of_which_almost_nothing_shows_is_not_counted() -> None:
    assert garments(picture(blouse=(40, 50, 46, 56)), NAMES) == ()


def test_names_with_one_meaning_map_to_their_category() -> None:
    labels = picture(coat=(20, 40, 70, 120), pants=(30, 120, 60, 190), t_shirt=(40, 45, 55, 110))
    expected = {"coat": "long sleeve outwear", "pants": "trousers", "t-shirt": "short sleeve top"}
    assert categories(labels) == expected


def test_a_dress_that_hangs_below_a_top_is_a_skirt() -> None:
    assert categories(picture(blouse=(30, 40, 70, 90), dress=(30, 88, 70, 150)))["dress"] == "skirt"


def test_a_dress_over_the_whole_body_stays_a_dress_beside_a_top() -> None:
    assert categories(picture(dress=(30, 45, 70, 150), blouse=(40, 40, 60, 70)))["dress"].endswith("dress")


@pytest.mark.parametrize(("arm", "category"), [(0, "long sleeve dress"), (6, "short sleeve dress"), (16, "vest dress")])
def test_bare_arms_beside_a_dress_shorten_its_sleeves(arm: int, category: str) -> None:
    labels = picture(skin=(30 - arm, 50, 70 + arm, 92), dress=(30, 40, 70, 150))
    assert categories(labels)["dress"] == category


@pytest.mark.parametrize(("arm", "category"), [(0, "long sleeve top"), (6, "short sleeve top")])
def test_bare_arms_beside_a_blouse_shorten_its_sleeves(arm: int, category: str) -> None:
    assert categories(picture(skin=(30 - arm, 50, 70 + arm, 88), blouse=(30, 40, 70, 90)))["blouse"] == category


def test_under_a_coat_sleeves_are_what_the_name_suggests() -> None:
    labels = picture(coat=(20, 40, 80, 140), skin=(25, 50, 75, 100), blouse=(35, 42, 65, 100))
    assert categories(labels)["blouse"] == "long sleeve top"


@pytest.mark.parametrize("over", ["coat", "sweater"])
def test_under_a_coat_or_a_sweater_a_top_may_be_any_top_and_a_dress_any_dress_or_a_skirt(over: str) -> None:
    assert told(picture(**{over: (20, 40, 80, 140)}, blouse=(35, 42, 65, 100)))["blouse"] == "top"
    assert told(picture(**{over: (20, 40, 80, 140)}, dress=(35, 42, 65, 160)))["dress"] == "dress"
    assert "skirt" in categories_of("dress")


def test_a_name_that_means_one_category_tells_it_under_a_coat_too() -> None:
    assert told(picture(coat=(20, 40, 70, 120), t_shirt=(40, 45, 55, 110)))["t-shirt"] == "short sleeve top"


def test_what_nothing_covers_tells_its_sleeves() -> None:
    assert told(picture(blouse=(30, 40, 70, 90), pants=(30, 90, 70, 190))) == {
        "blouse": "long sleeve top",
        "pants": "trousers",
    }


@pytest.mark.parametrize(
    ("beside", "label"),
    [
        ({"skin": (10, 50, 90, 92)}, "vest"),
        ({}, "waistcoat"),
        ({"skin": (10, 50, 90, 92), "blouse": (25, 42, 75, 90)}, "waistcoat"),
    ],
)
def test_a_vest_is_a_sleeveless_top_only_on_bare_arms(beside: dict[str, tuple[int, ...]], label: str) -> None:
    assert told(picture(**beside, vest=(35, 40, 65, 100)))["vest"] == label


def test_a_coarse_category_leaves_the_guess_open() -> None:
    labels = picture(coat=(20, 40, 80, 140), dress=(35, 42, 65, 160), romper=(0, 0, 10, 160))
    open_ones = [garment for garment in garments(labels, NAMES) if garment.coarse]
    assert [garment.name for garment in open_ones] == ["dress", "romper"]
    assert all(garment.category in COARSE[garment.coarse] for garment in open_ones)


def test_a_photo_with_an_unclear_garment_is_not_complete() -> None:
    assert is_complete(picture(coat=(20, 40, 80, 140)), NAMES)
    assert not is_complete(picture(bodysuit=(20, 40, 80, 140)), NAMES)


@pytest.mark.parametrize(("top", "complete"), [(60, True), (30, False)])
def test_trousers_that_begin_at_the_shoulders_are_more_than_trousers(top: int, complete: bool) -> None:
    labels = picture(hair=(40, 10, 60, 20), skin=(40, 20, 60, 190), pants=(30, top, 70, 180))
    assert is_complete(labels, NAMES) == complete


def test_a_speck_of_trousers_at_the_shoulders_does_not_count() -> None:
    labels = picture(hair=(40, 10, 60, 20), skin=(40, 20, 60, 190), pants=(30, 100, 70, 180))
    labels[30:33, 40:43] = NAMES["pants"]
    assert is_complete(labels, NAMES)


def test_trousers_of_a_person_without_a_head_begin_anywhere() -> None:
    assert is_complete(picture(pants=(30, 0, 70, 180)), NAMES)


def test_bare_share_counts_skin_beside_the_upper_part_only() -> None:
    garment = np.zeros((200, 100), bool)
    garment[20:180, 40:60] = True
    skin = np.zeros_like(garment)
    skin[120:180, 30:40] = True  # a leg beside a long garment
    assert bare_share(garment, skin) == 0.0


def test_an_empty_mask_has_no_box() -> None:
    with pytest.raises(ValueError, match="empty"):
        mask_box(np.zeros((4, 4), bool))


def test_without_specks_keeps_every_large_piece() -> None:
    mask = np.zeros((50, 50), bool)
    mask[5:25, 5:25] = mask[30:45, 30:45] = mask[48, 48] = True
    assert mask_box(without_specks(mask)) == (5.0, 5.0, 45.0, 45.0)


def test_names_are_read_with_their_values(tmp_path) -> None:
    (tmp_path / "label_names.txt").write_text("0\tnull\n1\taccessories\n\n41\tskin\n")
    assert read_names(tmp_path / "label_names.txt") == {"null": 0, "accessories": 1, "skin": 41}


def test_photos_come_by_number_and_need_labels(tmp_path) -> None:
    for folder, names in {"images": ["0010.jpg", "0002.jpg", "0003.jpg"], "labels": ["0010.png", "0002.png"]}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).touch()
    assert [photo.number for photo in street_photos(tmp_path)] == [2, 10]
