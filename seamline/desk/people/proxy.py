"""People whom a proxy before the desk has signed in, such as one that speaks OpenID Connect."""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection

from seamline.core.errors import BadOption
from seamline.desk.people.identity import Identity, csrf_of
from seamline.desk.people.peers import Proxies
from seamline.desk.people.users_file import UsersFile

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)


class ProxyIdentities:
    """The header counts where a proxy sends it, once, and names somebody of the users file."""

    def __init__(self, header: str, proxies: Proxies, people: UsersFile, secret: bytes) -> None:
        """Raises BadOption for a name that no header of its own can have."""
        if not _HEADER.fullmatch(header):
            raise BadOption(f"--identity-header {header!r} is not the name of a header, such as X-Forwarded-Email")
        self._header, self._proxies, self._people, self._secret = header, proxies, people, secret

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """Whom the proxy names."""
        names = connection.headers.getlist(self._header)
        if len(names) != 1 or not self._proxies.trusted(connection):
            return None
        person = self._people.find(names[0])
        return None if person is None else Identity(person.user, csrf_of(self._secret, person.user.name))
