"""Who may use the desk, as the users file says at this moment."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.desk.people.person import Person, key_of
from seamline.desk.people.user import User
from seamline.desk.people.users_format import people_changed, read_people

_LOG = logging.getLogger(__name__)
_Seen = tuple[int, int, int] | None


class UsersFile:
    """Read again when the file changes, so that who is removed, or loses a role, is out at once.

    A file that cannot be used any more leaves people as they were. May be shared between threads.
    """

    def __init__(self, file: Path) -> None:
        """Raises BadOption for a file that cannot be used, or that names nobody."""
        self._file = file
        self._lock = threading.Lock()
        self._seen = self._look()
        self._people = read_people(file)
        if not self._people:
            raise BadOption(f"the users file {file} names nobody; add people with `seamline desk-user`")

    def find(self, name: str) -> Person | None:
        """The person of a name, however it is capitalised."""
        return self._present().get(key_of(name))

    def find_user(self, name: str) -> User | None:
        """Likewise, without the password."""
        person = self.find(name)
        return None if person is None else person.user

    def keep_password(self, person: Person, password: str) -> None:
        """Another hash of the same password, unless the file has changed since. Raises BadOption where it cannot be
        written."""
        with people_changed(self._file) as people:
            key = key_of(person.user.name)
            if people.get(key) == person:
                people[key] = replace(person, password=password)

    def _present(self) -> dict[str, Person]:
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                try:
                    self._people = read_people(self._file)
                except BadOption as error:
                    _LOG.error("people and roles stay as they were: %s", error)
            return self._people

    def _look(self) -> _Seen:
        try:
            stat = os.stat(self._file)
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
