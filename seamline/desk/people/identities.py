"""Which way of knowing people a desk has."""

from __future__ import annotations

from urllib.parse import urlsplit

from seamline.core.errors import BadOption
from seamline.desk.origins import is_loopback
from seamline.desk.people.identity import Identities, LocalIdentity, secret_in
from seamline.desk.people.local_name import checked_name
from seamline.desk.people.login import PasswordIdentities
from seamline.desk.people.peers import Proxies
from seamline.desk.people.proxy import ProxyIdentities
from seamline.desk.people.sessions import Sessions
from seamline.desk.people.users_file import UsersFile
from seamline.desk.settings import DeskSettings
from seamline.desk.store import Store


def identities_for(settings: DeskSettings, store: Store) -> Identities:
    """Chosen by the settings. Raises BadOption for those that would let in anybody, or nobody."""
    if settings.users is None:
        return _local(settings)
    proxies, people = Proxies(settings.proxies), UsersFile(settings.users)
    if settings.identity_header is not None:
        return ProxyIdentities(settings.identity_header, proxies, people, secret_in(settings.folder))
    sessions = Sessions(store, settings.session_hours, people.find, secure=_by_tls(settings))
    return PasswordIdentities(people, sessions, proxies)


def _local(settings: DeskSettings) -> LocalIdentity:
    if settings.identity_header is not None:
        raise BadOption("--identity-header needs --users, which says what each person may do")
    if settings.origin is not None and not is_loopback(urlsplit(settings.origin).hostname or ""):
        raise BadOption("where others reach the desk, people must sign in; name a file of people with --users")
    return LocalIdentity(secret_in(settings.folder), checked_name(settings.local_name))


def _by_tls(settings: DeskSettings) -> bool:
    """Raises BadOption where passwords would cross a network as they are typed."""
    if settings.origin is None:
        return False
    parts = urlsplit(settings.origin)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise BadOption("passwords go to other machines by TLS only; let a proxy do that, and name an https --origin")
    return parts.scheme == "https"
