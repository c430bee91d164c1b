"""`seamline desk-user`: who may sign in at the desk."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli.exits import DONE
from seamline.cli.output import info, show
from seamline.core.collection_names import check_name
from seamline.core.errors import BadOption, NotFound
from seamline.core.extras import requires_extra

if TYPE_CHECKING:
    from seamline.desk.people.person import Person
    from seamline.desk.people.user import Role, User

_ANALYST = "analyst"

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in as.", show_default=False)]
Users = Annotated[Path, typer.Option(metavar="FILE", dir_okay=False, help="The users file; made where there is none.")]
RoleName = Annotated[
    str | None,
    typer.Option(
        "--role",
        metavar="ROLE",
        help="reader looks, analyst also searches and judges, lead also indexes and deletes.",
        show_default=_ANALYST,
    ),
]
Granted = Annotated[
    list[str] | None,
    typer.Option("--collection", metavar="NAME", help="A collection to see; repeatable.", show_default="all"),
]
AllGranted = Annotated[bool, typer.Option("--all-collections", help="Let the person see all collections again.")]
NoPassword = Annotated[bool, typer.Option("--no-password", help="A proxy signs this person in.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Remove = Annotated[bool, typer.Option("--remove", help="Let the person in no more.")]


def desk_user(
    name: Name,
    users: Users,
    role: RoleName = None,
    collection: Granted = None,
    all_collections: AllGranted = False,
    no_password: NoPassword = False,
    password_stdin: FromInput = False,
    remove: Remove = False,
) -> int:
    """Add a person to the desk, or change their password, their role or what they see.

    The password of somebody who is there already stays where a role or collections are named.
    """
    if (no_password and password_stdin) or (all_collections and collection):
        raise BadOption("--no-password goes without --password-stdin, and --all-collections without --collection")
    with requires_extra("desk", "people of the desk"):
        from seamline.desk.people.person import key_of
        from seamline.desk.people.users_format import people_changed, read_people
    if remove:
        return _removed(name, users)
    is_there = users.exists() and key_of(name) in read_people(users)
    wanted = _user(name, role, collection)  # which may be refused, before a password is asked for
    keeps = no_password or (is_there and (role or collection or all_collections) and not password_stdin)
    password = None if keeps else _hashed(password_stdin)
    with people_changed(users) as people:
        person = _changed(people.get(key_of(name)), wanted, role, collection, all_collections)
        if no_password or password is not None:
            person = replace(person, password=password)
        people[key_of(name)] = person
    _tell(person)
    return DONE


def _removed(name: str, users: Path) -> int:
    from seamline.desk.people.person import key_of
    from seamline.desk.people.users_format import people_changed

    with people_changed(users) as people:
        person = people.pop(key_of(name), None)
        if person is None:
            raise NotFound(f"nobody in {users} is called {name}")
    info(f"{person.user.name} is out at once, also where they have signed in")
    return DONE


def _user(name: str, role: str | None, collections: list[str] | None) -> User:
    from seamline.desk.people.user import User
    from seamline.desk.people.users_format import checked_name

    return User(checked_name(name), _role(role or _ANALYST), frozenset(map(check_name, collections or ())) or None)


def _role(label: str) -> Role:
    from seamline.desk.people.user import Role

    try:
        return Role.of(label)
    except ValueError as error:
        raise BadOption(f"--role: {error}") from None


def _changed(
    present: Person | None, wanted: User, role: str | None, collections: list[str] | None, all_collections: bool
) -> Person:
    from seamline.desk.people.person import Person

    if present is None:
        return Person(wanted, None)
    user = present.user if role is None else replace(present.user, role=wanted.role)
    if collections or all_collections:
        user = replace(user, collections=wanted.collections)
    return replace(present, user=user)


def _hashed(from_input: bool) -> str:
    from seamline.desk.people.passwords import Passwords

    if from_input:
        return Passwords().hash(sys.stdin.readline().rstrip("\r\n"))
    return Passwords().hash(str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more")))


def _tell(person: Person) -> None:
    grants = person.user.collections
    seen = "all collections" if grants is None else ", ".join(sorted(grants))
    how = "a proxy signs them in" if person.password is None else "with a password"
    show(f"{person.user.name}: {person.user.role.label}, {seen}, {how}")
