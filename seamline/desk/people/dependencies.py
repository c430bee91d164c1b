"""What routes ask for: a person of at least some role, whose pages sent the request."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from seamline.desk.context import desk_of
from seamline.desk.errors import NotAllowed, NotSignedIn
from seamline.desk.people.identity import Identity
from seamline.desk.people.user import Role, User

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD"})


def known_identity(request: Request) -> Identity | None:
    """Who sends the request, None where nobody is known; asked of the store once a request."""
    if not hasattr(request.state, "identity"):
        request.state.identity = None  # as the page sees it that tells of a store which does not answer
        request.state.identity = desk_of(request).identities.identify(request)
    found: Identity | None = request.state.identity
    return found


def identity_of(request: Request) -> Identity:
    """Who sends the request. Raises NotSignedIn, and NotAllowed where a change lacks what our own pages send."""
    identity = known_identity(request)
    if identity is None:
        raise NotSignedIn("sign in first; your session has ended or never began")
    if request.method not in _SAFE and not _same(request.headers.get(CSRF_HEADER, ""), identity.csrf):
        raise NotAllowed("this page is from another session; load it again")
    return identity


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _at_least(role: Role) -> Callable[[Request], User]:
    def person(request: Request) -> User:
        user = identity_of(request).user
        user.check_may(role)
        return user

    return person


Reader = Annotated[User, Depends(_at_least(Role.READER))]
Analyst = Annotated[User, Depends(_at_least(Role.ANALYST))]
Lead = Annotated[User, Depends(_at_least(Role.LEAD))]
