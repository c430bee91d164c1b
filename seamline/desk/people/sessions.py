"""Sessions of people who have signed in: a random token in a cookie, its digest in the store."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete
from starlette.requests import HTTPConnection
from starlette.responses import Response

from seamline.desk.people.identity import Identity
from seamline.desk.people.person import Person
from seamline.desk.store import Store
from seamline.desk.store.models import SignIn
from seamline.desk.store.types import now

COOKIE = "seamline_desk"
_OF_THIS_HOST = "__Host-"
"""With this prefix a browser takes the cookie from this host alone, and only over TLS."""


class Sessions:
    """`find_person` gives the person of a name as they are now, so that a role that was taken away is gone at once.

    `secure`: whether browsers reach the desk by TLS.
    """

    def __init__(
        self, store: Store, hours: float, find_person: Callable[[str], Person | None], *, secure: bool
    ) -> None:
        self._store, self._length, self._find_person = store, timedelta(hours=hours), find_person
        self._secure = secure
        self.cookie = f"{_OF_THIS_HOST}{COOKIE}" if secure else COOKIE

    def start(self, person: Person) -> str:
        """The token of a new session; sessions that have ended are forgotten."""
        token = secrets.token_urlsafe(32)
        with self._store.session() as session:
            session.execute(delete(SignIn).where(SignIn.expires_at < now()))
            session.add(
                SignIn(
                    token_sha256=_digest(token),
                    user=person.user.name,
                    csrf=secrets.token_urlsafe(32),
                    password_mark=person.mark,
                    expires_at=now() + self._length,
                )
            )
        return token

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """The person whose session the browser's cookie names, while their password is still that of its beginning."""
        token = connection.cookies.get(self.cookie)
        if not token:
            return None
        with self._store.reading() as session:
            row = session.get(SignIn, _digest(token))
        if row is None or row.expires_at <= now():
            return None
        person = self._find_person(row.user)
        if person is None or not hmac.compare_digest(person.mark, row.password_mark):
            return None
        return Identity(person.user, row.csrf)

    def end(self, connection: HTTPConnection) -> None:
        """Forget the session that the browser's cookie names, if any."""
        if token := connection.cookies.get(self.cookie):
            with self._store.session() as session:
                session.execute(delete(SignIn).where(SignIn.token_sha256 == _digest(token)))

    def give(self, response: Response, token: str) -> None:
        """Let the browser keep the token, out of reach of scripts and of other sites."""
        response.set_cookie(
            self.cookie, token, int(self._length.total_seconds()), secure=self._secure, httponly=True, samesite="strict"
        )

    def take(self, response: Response) -> None:
        """Let the browser forget the token, and what it has kept of pages and photos."""
        response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="strict")
        response.headers["Clear-Site-Data"] = '"cache"'


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
