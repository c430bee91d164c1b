"""Which collections there are, as the index says."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass

from seamline.connections import open_index
from seamline.core.errors import SeamlineError
from seamline.desk.people.user import User
from seamline.desk.settings import DeskSettings

_FRESH_SECONDS = 5.0
_ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class ListedCollection:
    """A collection that answers, and the number of its garments."""

    name: str
    garments: int


@dataclass(frozen=True)
class Listing:
    """`problem`: why the index could not be asked, empty where it answered."""

    collections: tuple[ListedCollection, ...]
    problem: str = ""

    def seen_by(self, user: User) -> Listing:
        """Of these, the collections that a person was granted."""
        return Listing(tuple(one for one in self.collections if user.sees(one.name)), self.problem)


class Collections:
    """Asks the index at most once in a few seconds, an index that is away too. May be shared between threads."""

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._listing = Listing(())
        self._fresh_until = 0.0

    def listing(self) -> Listing:
        """All collections, whoever may see them."""
        with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._listing = _asked(self._settings)
                self._fresh_until = time.monotonic() + _FRESH_SECONDS
            return self._listing


def _asked(settings: DeskSettings) -> Listing:
    try:
        with closing(open_index(settings.milvus, settings.server, _ANSWER_SECONDS)) as index:
            found = index.collections()
    except SeamlineError as error:
        return Listing((), str(error))
    return Listing(tuple(ListedCollection(one.name, one.rows) for one in found if one.physical))
