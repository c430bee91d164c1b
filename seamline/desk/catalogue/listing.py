"""The collections that a person sees, with the weights that filled them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from seamline.client import Client
from seamline.connections import open_index
from seamline.core.errors import SeamlineError
from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.index import CollectionInfo, Index
from seamline.index.names import Physical

_SECONDS = 10.0


@dataclass(frozen=True)
class Filled:
    """One physical collection. `system`: of the server, whose present weights filled it; None for other weights, ""
    where the server could not be asked. `made`: when it was. `state`: as of `CollectionVersion`, or "answers"."""

    garments: int
    fingerprint: str
    system: str | None
    made: datetime | None
    state: str


@dataclass(frozen=True)
class ListedCollection:
    """A collection by name; `present` answers, None where nothing does yet."""

    name: str
    present: Filled | None
    kept: tuple[Filled, ...]


@dataclass(frozen=True)
class Listing:
    """`problem`: why the index could not be asked, empty where it answered."""

    collections: tuple[ListedCollection, ...]
    problem: str = ""


def desk_index(desk: Desk, seconds: float = _SECONDS) -> closing[Index]:
    """The desk's Milvus, to be used in a `with` block."""
    return closing(open_index(desk.settings.milvus, desk.settings.server, seconds))


def listing(desk: Desk, user: User) -> Listing:
    """The collections that a person was granted."""
    try:
        with desk_index(desk) as index:
            found = [one for one in index.collections() if user.sees(one.name)]
    except SeamlineError as error:
        return Listing((), str(error))
    served = served_weights(desk) if found else {}
    return Listing(tuple(_listed(one, served) for one in found))


def served_weights(desk: Desk) -> Mapping[str, str] | None:
    """Fingerprint -> system of the weights that the server has now, None where it does not answer."""
    try:
        names = desk.server.ask(lambda client: client.systems())
        return {_fingerprint(desk, name): name for name in names}
    except SeamlineError:
        return None


def _fingerprint(desk: Desk, system: str) -> str:
    with Client(desk.settings.server, system=system, timeout=_SECONDS, retries=0) as client:
        return client.versions().fingerprint


def _listed(one: CollectionInfo, served: Mapping[str, str] | None) -> ListedCollection:
    kept = tuple(_filled(each.physical, each.rows, each.fingerprint, each.state, served) for each in one.kept)
    present = _filled(one.physical, one.rows, one.fingerprint, "answers", served) if one.physical else None
    return ListedCollection(one.name, present, kept)


def _filled(physical: str, garments: int, fingerprint: str, state: str, served: Mapping[str, str] | None) -> Filled:
    named = Physical.parse(physical)
    made = None if named is None else datetime.fromtimestamp(named.made / 1000, UTC)
    return Filled(garments, fingerprint, "" if served is None else served.get(fingerprint), made, state)
