"""`seamline desk-user`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seamline.cli import app
from seamline.cli.exits import BAD_INPUT, DONE, NOT_FOUND
from seamline.desk.people.passwords import Passwords
from seamline.desk.people.user import Role, User
from seamline.desk.people.users_format import read_people
from tests.support.desk import PASSWORD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.toml"


def desk_user(file: Path, *words: str, typed: str = "") -> Result:
    """Run the command with this on standard input."""
    return CliRunner().invoke(app, ["desk-user", *words, "--users", str(file)], input=typed)


def test_a_person_is_added_with_a_password_that_is_typed_twice_and_not_shown(file: Path) -> None:
    result = desk_user(file, "anna", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        DONE,
        "anna: analyst, all collections, with a password",
    )
    assert PASSWORD not in result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    person = read_people(file)["anna"]
    assert person.user == User("anna", Role.ANALYST)
    assert Passwords().match(person.password, PASSWORD)


def test_a_password_comes_from_standard_input(file: Path) -> None:
    result = desk_user(file, "anna", "--password-stdin", typed=f"{PASSWORD}\r\n")
    assert (result.exit_code, result.stdout) == (DONE, "anna: analyst, all collections, with a password\n")
    assert Passwords().match(read_people(file)["anna"].password, PASSWORD)


def test_role_and_collections_change_without_the_password_and_the_password_without_them(file: Path) -> None:
    desk_user(file, "anna", "--password-stdin", typed=PASSWORD)
    before = read_people(file)["anna"].password
    given = desk_user(file, "Anna", "--role", "lead", "--collection", "spring", "--collection", "autumn")
    assert given.stdout == "anna: lead, autumn, spring, with a password\n"
    assert read_people(file)["anna"].user == User("anna", Role.LEAD, frozenset({"spring", "autumn"}))
    assert read_people(file)["anna"].password == before
    desk_user(file, "anna", "--password-stdin", typed="four buttons and a cuff")
    assert read_people(file)["anna"].user.role is Role.LEAD
    assert Passwords().match(read_people(file)["anna"].password, "four buttons and a cuff")
    desk_user(file, "anna", "--all-collections")
    assert read_people(file)["anna"].user == User("anna", Role.LEAD)


def test_somebody_whom_a_proxy_signs_in_is_added_without_a_password(file: Path) -> None:
    result = desk_user(file, "ben@example.com", "--no-password", "--role", "reader")
    assert result.stdout == "ben@example.com: reader, all collections, a proxy signs them in\n"
    assert read_people(file)["ben@example.com"].password is None


def test_a_person_is_removed_and_others_stay(file: Path) -> None:
    for name in ("anna", "ben"):
        desk_user(file, name, "--no-password")
    assert desk_user(file, "ANNA", "--remove").exit_code == DONE
    assert set(read_people(file)) == {"ben"}
    again = desk_user(file, "anna", "--remove")
    assert (again.exit_code, "nobody in" in again.stderr) == (NOT_FOUND, True)


@pytest.mark.parametrize(
    ("words", "typed", "wrong"),
    [
        (["anna", "--password-stdin"], "short", "12 to 1,024 characters"),
        (["anna", "--password-stdin"], "", "12 to 1,024 characters"),
        (["anna", "--role", "boss"], "", "--role: 'boss' is no role"),
        (["an na"], "", "a name has"),
        (["anna\nrole = 'lead'"], "", "a name has"),
        (["anna", "--collection", "no name"], "", "COLLECTION"),
        (["anna", "--no-password", "--password-stdin"], "", "goes without"),
        (["anna", "--collection", "spring", "--all-collections"], "", "goes without"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(file: Path, words: list[str], typed: str, wrong: str) -> None:
    result = desk_user(file, *words, typed=typed)
    assert result.exit_code == BAD_INPUT
    assert wrong in result.stderr
    assert not file.exists()


def test_a_file_that_is_broken_is_not_written_over(file: Path) -> None:
    file.write_text("[[person")
    for words in (["anna", "--no-password"], ["anna", "--remove"]):
        result = desk_user(file, *words)
        assert (result.exit_code, file.name in result.stderr) == (BAD_INPUT, True)
    assert file.read_text() == "[[person"
