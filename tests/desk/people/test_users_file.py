"""The users file: what it says, when it is read again, and what it may not hold."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.desk.people.passwords import Passwords
from seamline.desk.people.person import Person
from seamline.desk.people.user import Role, User
from seamline.desk.people.users_file import UsersFile
from seamline.desk.people.users_format import people_changed, read_people
from tests.support.desk import PASSWORD, enter_person

PERSON = "[[person]]\nname = 'anna'\nrole = 'analyst'\n"


def test_people_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    people = {
        "anna": Person(User("anna", Role.ANALYST, frozenset({"spring", "autumn"})), Passwords().hash(PASSWORD)),
        "ben@example.com": Person(User("Ben@example.com", Role.READER), None),
        "cleo": Person(User("cleo", Role.LEAD, frozenset()), None),
    }
    with people_changed(file) as written:
        written.update(people)
    assert read_people(file) == people
    assert PASSWORD not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_others_could_read_is_its_owners_alone_once_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(PERSON)
    file.chmod(0o644)
    enter_person(file, "ben")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(read_people(file)) == {"anna", "ben"}


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(PERSON)

    def fail() -> None:
        with people_changed(file) as people:
            people.clear()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert file.read_text() == PERSON


def test_a_person_is_found_however_the_name_is_capitalised(users: Path) -> None:
    found = UsersFile(users).find("LENA")
    assert found is not None
    assert found.user.name == "lena"


def test_who_is_removed_or_loses_a_role_is_out_at_once(users: Path) -> None:
    known = UsersFile(users)
    enter_person(users, "anna", Role.LEAD)
    assert known.find("anna").user.role is Role.LEAD  # type: ignore[union-attr]
    enter_person(users, "anna", Role.READER, ["spring"])
    assert known.find("anna").user == User("anna", Role.READER, frozenset({"spring"}))  # type: ignore[union-attr]
    with people_changed(users) as people:
        people.clear()
    assert known.find("anna") is None
    assert known.find("lena") is None


def test_a_broken_file_leaves_people_as_they_were_and_is_told_once(
    users: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known, whole = UsersFile(users), users.read_text()
    users.write_text("[[person")
    assert known.find("lena") is not None
    assert known.find("lena") is not None
    assert caplog.text.count("people and roles stay as they were") == 1
    users.unlink()
    assert known.find("lena") is not None
    assert caplog.text.count("cannot be read") == 1
    users.write_text(whole + PERSON)
    assert known.find("anna") is not None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "names nobody"),
        ("people = 3", "nothing else"),
        ("[person]\nname = 'anna'", "nothing else"),
        ("[[person", "cannot be used"),
        ("[[person]]\nname = 'anna'", "person 1: its keys"),
        (PERSON + "collection = ['spring']", "person 1: its keys"),
        (PERSON + "collections = 'spring'", "list of names"),
        (PERSON + "collections = ['no name']", "COLLECTION"),
        (PERSON + "password = 'three buttons'", "argon2 hash"),
        (PERSON + "password = 3", "have to be texts"),
        (PERSON + PERSON.replace("anna", "Anna"), "person 2: Anna is there twice"),
        (PERSON.replace("analyst", "boss"), "'boss' is no role; there are reader, analyst, lead"),
        (PERSON.replace("anna", "an na"), "a name has"),
        (PERSON.replace("anna", ""), "a name has"),
        ("\xff", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name_and_what_is_wrong(
    tmp_path: Path, text: str, wrong: str
) -> None:
    file = tmp_path / "users.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(BadOption, match=wrong) as refused:
        UsersFile(file)
    assert str(file) in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for file in (tmp_path / "none.toml", tmp_path, Path("/dev/zero")):
        with pytest.raises(BadOption, match="cannot be read"):
            UsersFile(file)
    with pytest.raises(BadOption, match="cannot be written"):
        enter_person(tmp_path / "none" / "users.toml", "anna")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadOption, match="cannot be read"):
        UsersFile(tmp_path / "pipe")
