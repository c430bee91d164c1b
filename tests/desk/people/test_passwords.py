"""Passwords and their hashes."""

from __future__ import annotations

import time

import argon2
import pytest

from seamline.core.errors import BadOption
from seamline.desk.people.passwords import LONGEST, SHORTEST, Passwords


def test_a_password_matches_its_own_hash_only() -> None:
    passwords = Passwords()
    stored = passwords.hash("three buttons and a cuff")
    assert stored.startswith("$argon2id$")
    assert passwords.match(stored, "three buttons and a cuff")
    assert not passwords.match(stored, "three buttons and a cufF")
    assert not passwords.match(stored, "")
    assert not passwords.match(None, "three buttons and a cuff")
    assert not passwords.match(None, "")


def test_a_letter_is_the_same_however_the_keyboard_composes_it() -> None:
    passwords = Passwords()
    assert passwords.match(passwords.hash("Kn\u00f6pfe und Taschen"), "Kno\u0308pfe und Taschen")


def test_a_password_that_is_no_text_of_a_keyboard_matches_nothing() -> None:
    passwords = Passwords()
    assert not passwords.match(passwords.hash("three buttons and a cuff"), "\ud800")


@pytest.mark.parametrize("length", [0, SHORTEST - 1, LONGEST + 1])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(BadOption, match="12 to 1,024 characters"):
        Passwords().hash("x" * length)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    passwords = Passwords()
    assert not passwords.outdated(passwords.hash("three buttons and a cuff"))
    assert passwords.outdated(argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash("three buttons and a cuff"))


def test_nobodys_password_takes_as_long_as_somebodys() -> None:
    passwords = Passwords()
    stored = passwords.hash("three buttons and a cuff")

    def seconds(given: str | None) -> float:
        begun = time.process_time()
        passwords.match(given, "four buttons and a cuff")
        return time.process_time() - begun

    somebody, nobody = (min(seconds(given) for _ in range(7)) for given in (stored, None))
    assert 0.5 < nobody / somebody < 2
