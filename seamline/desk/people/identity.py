"""How the desk knows who sends a request."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from starlette.requests import HTTPConnection

from seamline.core.errors import BadOption
from seamline.core.output_files import output_file
from seamline.desk.people.peers import address_of
from seamline.desk.people.user import LOCAL_USER, User

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Identity:
    """A person, and what their pages must send with everything that changes something."""

    user: User
    csrf: str


class Identities(Protocol):
    """One way of knowing people."""

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """Who sends this; None where nobody is known."""


class LocalIdentity:
    """One person, on this machine only. `called`: how they are named to others."""

    def __init__(self, secret: bytes, called: str) -> None:
        user = dataclasses.replace(LOCAL_USER, called=called)
        self._identity = Identity(user, csrf_of(secret, user.name))

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """The local user, whatever sends this from here."""
        address = address_of(connection)
        return self._identity if address is not None and address.is_loopback else None


def csrf_of(secret: bytes, name: str) -> str:
    """What pages of a person without a session send; the same after a restart, so that open pages go on."""
    return hmac.new(secret, f"csrf:{name}".encode(), hashlib.sha256).hexdigest()


def secret_in(folder: Path) -> bytes:
    """32 bytes that only this desk knows, made at its first start. Raises BadOption for a file that holds others."""
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with output_file(file) as opened:
            os.fchmod(opened.fileno(), 0o600)
            opened.write(secrets.token_bytes(_SECRET_BYTES))
    secret = file.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise BadOption(f"{file} is damaged; remove it, and people load their pages again")
    return secret
