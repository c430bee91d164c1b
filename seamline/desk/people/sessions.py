"""Sessions of people who have signed in: a random token in a cookie, its digest in the store."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete
from starlette.requests import HTTPConnection

from seamline.desk.people.identity import Identity
from seamline.desk.people.user import User
from seamline.desk.store import Store
from seamline.desk.store.models import SignIn
from seamline.desk.store.types import now

COOKIE = "seamline_desk"


class Sessions:
    """`find_user` gives the person of a name as they are now, so that a role that was taken away is gone at once."""

    def __init__(self, store: Store, hours: float, find_user: Callable[[str], User | None]) -> None:
        self._store, self._length, self._find_user = store, timedelta(hours=hours), find_user

    @property
    def seconds(self) -> int:
        """How long a session lasts."""
        return int(self._length.total_seconds())

    def start(self, user: User) -> str:
        """The token of a new session; sessions that have ended are forgotten."""
        token = secrets.token_urlsafe(32)
        with self._store.session() as session:
            session.execute(delete(SignIn).where(SignIn.expires_at < now()))
            session.add(
                SignIn(
                    token_sha256=_digest(token),
                    user=user.name,
                    csrf=secrets.token_urlsafe(32),
                    expires_at=now() + self._length,
                )
            )
        return token

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """The person whose session the browser's cookie names."""
        token = connection.cookies.get(COOKIE)
        if not token:
            return None
        with self._store.reading() as session:
            row = session.get(SignIn, _digest(token))
        if row is None or row.expires_at <= now():
            return None
        user = self._find_user(row.user)
        return None if user is None else Identity(user, row.csrf)

    def end(self, token: str) -> None:
        """Forget a session."""
        with self._store.session() as session:
            session.execute(delete(SignIn).where(SignIn.token_sha256 == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
