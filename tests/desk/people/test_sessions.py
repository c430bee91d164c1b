"""Sessions in either database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from starlette.requests import HTTPConnection

from seamline.desk.people.person import Person
from seamline.desk.people.sessions import Sessions
from seamline.desk.people.user import Role, User
from seamline.desk.store import Store
from seamline.desk.store.models import SignIn
from seamline.desk.store.types import now

ANNA = Person(User("anna", Role.ANALYST), "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash")


def browser(sessions: Sessions, token: str) -> HTTPConnection:
    """With this token as its cookie."""
    return HTTPConnection({"type": "http", "headers": [(b"cookie", f"{sessions.cookie}={token}".encode())]})


def test_a_session_lasts_as_long_as_it_is_meant_to_and_ends_when_it_is_told_to(store: Store) -> None:
    sessions = Sessions(store, 1.0, {"anna": ANNA}.get, secure=False)
    first, second = (browser(sessions, sessions.start(ANNA)) for _ in range(2))
    found = sessions.identify(first)
    assert found is not None
    assert found.user == ANNA.user
    assert found.csrf != sessions.identify(second).csrf  # type: ignore[union-attr]
    sessions.end(first)
    assert sessions.identify(first) is None
    assert sessions.identify(second) is not None
    with store.session() as session:
        session.execute(update(SignIn).values(expires_at=now() - timedelta(seconds=1)))
    assert sessions.identify(second) is None
    sessions.start(ANNA)
    with store.reading() as session:
        assert session.query(SignIn).count() == 1


def test_a_token_that_no_database_could_hold_is_nobodys(store: Store) -> None:
    sessions = Sessions(store, 1.0, {"anna": ANNA}.get, secure=True)
    for token in ("", "\x00", "x" * 60_000, "'; DROP TABLE sign_in; --"):
        assert sessions.identify(browser(sessions, token)) is None
