"""A person as the users file has them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from seamline.desk.people.user import User


@dataclass(frozen=True)
class Person:
    """`password`: its argon2 hash, None where a proxy signs the person in."""

    user: User
    password: str | None

    @property
    def mark(self) -> str:
        """Changes with the password, and tells nothing of it: sessions of an older one are over."""
        return hashlib.sha256((self.password or "").encode()).hexdigest()


def key_of(name: str) -> str:
    """What people are found by: `Anna` and `anna` are one person."""
    return name.lower()
