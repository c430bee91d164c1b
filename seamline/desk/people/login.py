"""People who sign in at the desk with a password."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection

from seamline.core.errors import BadOption
from seamline.desk.errors import NotAllowed, TooMany
from seamline.desk.people.attempts import Attempts
from seamline.desk.people.identity import Identity
from seamline.desk.people.passwords import Passwords
from seamline.desk.people.peers import Proxies
from seamline.desk.people.person import Person, key_of
from seamline.desk.people.sessions import Sessions
from seamline.desk.people.users_file import UsersFile
from seamline.desk.words import _

_LOG = logging.getLogger(__name__)
_AT_ONCE = 4
"""Passwords that are checked at the same time; each takes 64 MB and a core for a moment."""

_OF_A_NAME, _OF_AN_ADDRESS = (10, 30.0), (30, 5.0)
"""Tries at once, and seconds for each further one."""


class PasswordIdentities:
    """Sessions, and what begins and ends them."""

    def __init__(self, people: UsersFile, sessions: Sessions, proxies: Proxies) -> None:
        self._people, self._proxies, self.sessions = people, proxies, sessions
        self._passwords = Passwords()
        self._of_names, self._of_addresses = Attempts(*_OF_A_NAME), Attempts(*_OF_AN_ADDRESS)
        self._checked_now = threading.BoundedSemaphore(_AT_ONCE)

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """The person of the browser's session."""
        return self.sessions.identify(connection)

    def sign_in(self, connection: HTTPConnection, name: str, password: str) -> str:
        """The token of a new session, in place of the one that the browser had.

        Raises NotAllowed for a name or a password that is not right, without saying which, and TooMany.
        """
        person = self._checked(self._proxies.origin_of(connection), name, password)
        self.sessions.end(connection)
        return self.sessions.start(self._renewed(person, password))

    def _checked(self, address: str, name: str, password: str) -> Person:
        key = key_of(name)
        for attempts, of in ((self._of_addresses, address), (self._of_names, key)):
            if wait := attempts.take(of):
                raise TooMany(_("signing in was tried too often; wait a little and try again"), wait)
        person = self._people.find(name)
        with self._one_of_few():
            right = self._passwords.match(person.password if person else None, password)
        if person is None or not right:
            # What was typed as a name may be a password, so only names of people are told.
            _LOG.warning("signing in as %s failed from %s", person.user.name if person else "an unknown name", address)
            raise NotAllowed(_("the name or the password is not right"))
        self._of_addresses.give_back(address)
        self._of_names.give_back(key)
        _LOG.info("%s has signed in from %s", person.user.name, address)
        return person

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        if not self._checked_now.acquire(blocking=False):
            raise TooMany(_("many people sign in just now; try again"), 1.0)
        try:
            yield
        finally:
            self._checked_now.release()

    def _renewed(self, person: Person, password: str) -> Person:
        """With a hash of today's parameters."""
        if person.password is None or not self._passwords.outdated(person.password):
            return person
        try:
            self._people.keep_password(person, self._passwords.hash(password))
        except BadOption as error:
            _LOG.warning("the hash of a password stays as it was: %s", error)
        return self._people.find(person.user.name) or person
