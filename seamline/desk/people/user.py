"""A person at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from seamline.core.errors import NotFound
from seamline.desk.errors import NotAllowed


class Role(IntEnum):
    """What people may do; each may do what those before it may."""

    READER = 1
    """Look at searches, cases and figures."""
    ANALYST = 2
    """Search, judge suspects, work on cases."""
    LEAD = 3
    """Index and delete, set thresholds."""

    @property
    def label(self) -> str:
        """The role as files and pages write it."""
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> Role:
        """The role that is written so. Raises ValueError."""
        found = next((role for role in cls if role.label == label), None)
        if found is None:
            raise ValueError(f"{label!r} is no role; there are {', '.join(role.label for role in cls)}")
        return found


@dataclass(frozen=True)
class User:
    """`name`: what records belong to. `collections`: those that the person was granted, None for all. `called`: how the
    person is named to others where that is not the name."""

    name: str
    role: Role
    collections: frozenset[str] | None = None
    called: str = ""

    @property
    def shown(self) -> str:
        """The person's name for others: in logs, letters and evidence."""
        return self.called or self.name

    def sees(self, *collections: str) -> bool:
        """Whether all of these were granted."""
        return self.collections is None or self.collections.issuperset(collections)

    def check_sees(self, *collections: str) -> None:
        """Raises NotFound, as for what is not there, so that nobody learns another tenant's names."""
        if not self.sees(*collections):
            raise NotFound(f"there is no collection {collections[0]!r}, or it was not granted to you")

    def check_may(self, role: Role) -> None:
        """Raises NotAllowed below this role."""
        if self.role < role:
            raise NotAllowed(f"this needs the role {role.label}; yours is {self.role.label}")


LOCAL_USER = User("local", Role.LEAD)
"""Whoever sits at this machine, where nobody signs in: one owner of records, however they are called."""
