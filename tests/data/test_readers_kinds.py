"""Categories from the words of other sets, and the picture's left and right."""

from __future__ import annotations

import pytest

from seamline.core.spec import CATEGORIES, LANDMARKS, counterpart
from seamline.data.readers.kinds import (
    FULL,
    LOWER,
    UPPER,
    Kind,
    Sleeve,
    category_of,
    kind_of,
    sleeve_in,
    sleeve_of_names,
)
from seamline.data.readers.sides import exchanged, is_reversed


@pytest.mark.parametrize(
    ("clothes_type", "words", "kind"),
    [
        (UPPER, "Tees_Tanks", Kind.TOP),
        (UPPER, "Blouses_Shirts", Kind.TOP),
        (UPPER, "Jackets_Coats", Kind.OUTWEAR),
        (UPPER, "Suiting", Kind.OUTWEAR),
        (LOWER, "Skirts", Kind.SKIRT),
        (LOWER, "Shorts", Kind.SHORTS),
        (LOWER, "Cutoffs", Kind.SHORTS),
        (LOWER, "Denim", Kind.TROUSERS),
        (LOWER, "", Kind.TROUSERS),
        (FULL, "Dresses", Kind.DRESS),
        (FULL, "Rompers_Jumpsuits", Kind.DRESS),
        (FULL, "Coat", Kind.OUTWEAR),
        (FULL, "Skirts", Kind.DRESS),
    ],
)
def test_type_and_words_tell_the_kind(clothes_type: int, words: str, kind: Kind) -> None:
    assert kind_of(clothes_type, words) is kind


def test_every_kind_has_a_category_of_ours() -> None:
    found = {category_of(kind, sleeve) for kind in Kind for sleeve in Sleeve}
    assert found == set(CATEGORIES) - {"sling", "sling dress"}


@pytest.mark.parametrize(
    ("text", "sleeve"),
    [
        ("Long sleeves with buttoned cuffs", Sleeve.LONG),
        ("3/4 sleeves", Sleeve.LONG),
        ("a short-sleeved tee", Sleeve.SHORT),
        ("Sleeveless", Sleeve.NONE),
        ("long_sleeve", Sleeve.LONG),
        ("rolled sleeves", None),
        ("Goes well over a tank", None),
    ],
)
def test_descriptions_tell_the_sleeves(text: str, sleeve: Sleeve | None) -> None:
    assert sleeve_in([text]) is sleeve


@pytest.mark.parametrize(
    ("name", "sleeve"), [("Tank", Sleeve.NONE), ("Tees_Tanks", None), ("halter", Sleeve.NONE), ("Blouse", None)]
)
def test_names_of_garments_without_sleeves_tell_it(name: str, sleeve: Sleeve | None) -> None:
    assert sleeve_of_names([name]) is sleeve


def test_counterparts_are_mirror_images() -> None:
    assert counterpart("cuff_left_outer") == "cuff_right_outer"
    assert counterpart("crotch") == "crotch"
    assert all(counterpart(counterpart(name)) == name for name in LANDMARKS)


def test_the_trunk_tells_the_sides_before_the_limbs() -> None:
    points = {"neck_left": (1.0, 0.0), "neck_right": (2.0, 0.0), "cuff_left_outer": (9.0, 0.0)}
    crossed = points | {"cuff_right_outer": (0.0, 0.0), "cuff_left_inner": (8.0, 0.0), "cuff_right_inner": (1.0, 0.0)}
    assert is_reversed(crossed) is False
    assert is_reversed({name: crossed[name] for name in crossed if name.startswith("cuff")}) is True


def test_without_a_pair_nothing_tells_the_sides() -> None:
    assert is_reversed({"neck_left": (1.0, 0.0), "crotch": (0.0, 0.0)}) is None


def test_exchanging_names_keeps_the_points() -> None:
    points = {"neck_left": (1.0, 0.0), "crotch": (0.0, 0.0)}
    assert exchanged(points) == {"neck_right": (1.0, 0.0), "crotch": (0.0, 0.0)}
