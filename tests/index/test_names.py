"""Keys and names: what text from outside becomes before Milvus sees it."""

from __future__ import annotations

import pytest

from seamline.core.errors import InternalError
from seamline.index.key_set import KeySet
from seamline.index.keys import PHOTO_DIGITS, content_key, item_number, photo_key, photo_number
from seamline.index.names import Physical


@pytest.mark.parametrize("item", ["a", "", "x" * 10_000, "quote'\"\\", "\0", "Ü 語"])
def test_numbers_fit_into_milvus(item: str) -> None:
    for number in (item_number(item), photo_number(item, "photo.jpg")):
        assert 0 <= number < 2**63


def test_an_item_and_its_photo_cannot_be_shifted_against_each_other() -> None:
    assert photo_key("ab", "c") != photo_key("a", "bc")
    assert content_key("a", "b", "f" * 64)[:PHOTO_DIGITS] == photo_key("a", "b")


def test_the_photos_number_begins_its_key() -> None:
    assert photo_number("a", "b") == int(photo_key("a", "b")[:16], 16) >> 1


def test_a_physical_name_can_be_read_again() -> None:
    made = Physical.new("spring__2026", "0123456789abcdef")
    assert Physical.parse(str(made)) == made
    for text in ("spring", "spring__0123456789abcdef", "1__01234567__a", "a__XYZ__1", "a__01234567__a\n"):
        assert Physical.parse(text) is None


def test_later_collections_of_a_name_are_larger() -> None:
    assert Physical("a", 2, "00000000") > Physical("a", 1, "ffffffff")


def test_a_fingerprint_that_is_none_is_a_fault() -> None:
    with pytest.raises(InternalError, match="hexadecimal"):
        Physical.new("spring", "'; drop")


def test_seen_keys_are_found_again() -> None:
    with KeySet() as keys:
        assert keys.add(["aa", "bb"]) is None
        assert keys.add(["cc", "aa", "dd"]) == "aa"
        assert keys.unknown(["aa", "cc", "ee"]) == ["ee"]
        assert len(keys) == 3
