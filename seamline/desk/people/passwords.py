"""Passwords and their argon2id hashes."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from seamline.core.errors import BadOption

SHORTEST, LONGEST = 12, 1024
"""Characters of a password."""


class Passwords:
    """Hashes of argon2-cffi's own parameters, which rise with its versions."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobodys = self._hasher.hash(b"")

    def hash(self, password: str) -> str:
        """What a file may hold of a password. Raises BadOption for one that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadOption(
                f"a password has {SHORTEST} to {LONGEST:,} characters; a sentence is easier to keep in mind"
            )
        return self._hasher.hash(_bytes(password))

    def match(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one of a hash. None takes as long, and never matches."""
        try:
            return self._hasher.verify(stored or self._nobodys, _bytes(password)) and stored is not None
        except VerificationError:
            return False

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with parameters that are no longer argon2-cffi's."""
        return self._hasher.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    """The same however the keyboard composes its letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
