"""The users file: TOML with a table for each person.

    [[person]]
    name = "anna"
    role = "analyst"                        # reader, analyst or lead
    password = "$argon2id$v=19$..."         # left out: a proxy signs this person in
    collections = ["spring", "autumn"]      # left out: all

A key that is not one of these is refused: a misspelt `collections` would grant everything.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from seamline.core.collection_names import check_name
from seamline.core.errors import BadOption
from seamline.core.input_files import read_regular
from seamline.core.output_files import output_file
from seamline.desk.people.person import Person, key_of
from seamline.desk.people.user import Role, User

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}", re.ASCII)
_MOST_BYTES = 4_000_000
_KEYS = frozenset({"name", "role", "password", "collections"})


def read_people(file: Path) -> dict[str, Person]:
    """All people by `key_of` their names. Raises BadOption with the file and what is wrong in it."""
    try:
        data, _ = read_regular(file, _MOST_BYTES)
        return _people(tomllib.loads(data.decode()))
    except OSError as error:
        raise BadOption(f"the users file {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadOption(f"the users file {file} is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise BadOption(f"the users file {file} cannot be used: {error}") from None
    except BadOption as error:
        raise BadOption(f"the users file {file} cannot be used: {error}") from None


@contextmanager
def people_changed(file: Path) -> Iterator[dict[str, Person]]:
    """The people of a file, to be changed: it is written whole when the block ends, for its owner alone.

    Whoever else changes it waits. Raises BadOption as `read_people` does, and where it cannot be written.
    """
    with _locked(file):
        people = read_people(file) if file.exists() else {}
        yield people
        with output_file(file) as opened:
            os.fchmod(opened.fileno(), 0o600)
            opened.write("\n".join(map(_table, people.values())).encode())


def checked_name(name: str) -> str:
    """What a person may be called. Raises BadOption."""
    if not _NAME.fullmatch(name):
        raise BadOption("a name has up to 128 letters, digits and . _ @ + -, and begins with a letter or digit")
    return name


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """The folder is locked, since the file itself is replaced."""
    folder = Path(os.path.realpath(file)).parent
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise BadOption(f"the users file {file} cannot be written: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        os.close(descriptor)
        raise BadOption(f"the users file {file} is replaced whole, and its folder may not be written")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _people(document: Mapping[str, Any]) -> dict[str, Person]:
    tables = document.get("person", [])
    if set(document) - {"person"} or not isinstance(tables, list):
        raise ValueError("it has to hold [[person]] tables and nothing else; `seamline desk-user` writes them")
    people: dict[str, Person] = {}
    for number, table in enumerate(tables, 1):
        try:
            person = _person(table)
            if key_of(person.user.name) in people:
                raise ValueError(f"{person.user.name} is there twice")
        except (ValueError, BadOption) as error:
            raise ValueError(f"person {number}: {error}") from None
        people[key_of(person.user.name)] = person
    return people


def _person(table: Any) -> Person:
    if not isinstance(table, dict) or set(table) - _KEYS or not {"name", "role"} <= set(table):
        raise ValueError("its keys have to be name and role, and may be password and collections")
    name, role, password = table["name"], table["role"], table.get("password")
    if not all(isinstance(value, str) for value in (name, role, password or "")):
        raise ValueError("name, role and password have to be texts")
    return Person(User(checked_name(name), Role.of(role), _grants(table.get("collections"))), _hash(password))


def _grants(names: Any) -> frozenset[str] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("collections has to be a list of names")
    return frozenset(map(check_name, names))


def _hash(text: str | None) -> str | None:
    try:
        if text is not None:
            extract_parameters(text)
    except InvalidHashError:
        raise ValueError("password has to be an argon2 hash; `seamline desk-user` makes one") from None
    return text


def _table(person: Person) -> str:
    user = person.user
    lines = ["[[person]]", f"name = {_text(user.name)}", f"role = {_text(user.role.label)}"]
    if person.password is not None:
        lines.append(f"password = {_text(person.password)}")
    if user.collections is not None:
        lines.append(f"collections = {_texts(sorted(user.collections))}")
    return "\n".join([*lines, ""])


def _text(text: str) -> str:
    return json.dumps(text)


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
