"""What a watch remembers between two looks at its listings, so that it reads only what may have changed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from seamline.index import Collection
from seamline.index.changes import Changes


@dataclass(frozen=True)
class State:
    """What tells whether a collection has changed: what it is, what its writers noted, and its rows."""

    physical: str
    changes: Changes
    rows: int


@dataclass(frozen=True)
class Look:
    """One look at the listings. `since`: only at what was written after this moment, in seconds since 1970; None: at
    all garments."""

    state: State
    began: float
    since: float | None


class Looks:
    """`slack`: seconds by which a row may have become visible later than its time of writing says. `whole_every`: after
    so many seconds all garments are looked at, for writers that were killed and photos that are back."""

    def __init__(self, slack: float, whole_every: float) -> None:
        self._slack, self._whole_every = slack, whole_every
        self._last: Look | None = None
        self._whole_began = 0.0

    def due(self, listings: Collection) -> Look | None:
        """The look that is to be taken at listings that were opened just now; None where nothing has changed."""
        began, state = time.time(), State(listings.physical, listings.changes, listings.rows())
        last = self._last
        if last is None or began - self._whole_began > self._whole_every or last.state.physical != state.physical:
            return Look(state, began, None)
        if last.state == state:
            return None
        return Look(state, began, last.began - self._slack if listings.notes_changes else None)

    def taken(self, look: Look) -> None:
        """It has come to its end."""
        self._last = look
        if look.since is None:
            self._whole_began = look.began
