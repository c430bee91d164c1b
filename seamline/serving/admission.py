"""How many photos are between the first step and the last at a time, over all processes of one server.

The first step takes a place for a photo, a later one gives it back. Triton itself limits single steps alone: without
this, a short first step would let in far more photos than the long ones behind it can finish.

Photos of jobs, which can wait long, would keep everybody else from the places. So while they hold any, there is one
place more for the others.

A photo can be lost on its way: Triton drops those whose clients have gone between two steps, and a process may die. So
a place is held for a while only, several times as long as photos usually take, and longer once a step in the middle
has seen the photo.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import Busy

PATIENCE = 5.0
SHORTEST_HOLD = 0.15
"""Seconds that a place is held at least."""

_HOLDS = 4.0
"""Times as long as photos usually take to the next step that sees them."""

_LONGEST = 60.0
_MOST = 1024
_LOOK_EVERY, _LOOK_PATIENTLY = 0.002, 0.01
_LEARNS = 0.1

Ticket = NDArray[np.float64]
"""(2,): the number of a place and the moment at which it was taken, by the system's monotonic clock."""


class Admission:
    """`places` places and a spare one, in a file that the processes of one server share."""

    def __init__(self, places: int, file: Path | None = None) -> None:
        """`places` 0 is one for each processor, and two at least, so that none is idle while a photo changes steps."""
        self._places = min(places or max(2, len(os.sched_getaffinity(0))), _MOST - 1)
        size = 8 * (3 * _MOST + 2)
        self._file = os.open(file or _shared_file(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, size)
        numbers = np.frombuffer(mmap.mmap(self._file, size), np.float64)
        self._taken, self._until, self._patient, self._usual = np.split(numbers, [_MOST, 2 * _MOST, 3 * _MOST])

    def take(self, patience: float = PATIENCE) -> Ticket:
        """Wait for a free place and hold it. Raises Busy when none falls free within `patience` seconds.

        Who can wait as long as PATIENCE looks less often, and so leaves most places to those who cannot.
        """
        give_up = time.monotonic() + patience
        is_patient = patience >= PATIENCE
        pause = _LOOK_PATIENTLY if is_patient else _LOOK_EVERY
        while (ticket := self._try(is_patient)) is None:
            if time.monotonic() >= give_up:
                raise Busy("the server is busy and refused the request; try again in a moment")
            time.sleep(pause)
        return ticket

    def keep(self, ticket: Ticket) -> None:
        """Hold the place of a photo that has come half of its way until it may have come to the end."""
        with self._alone():
            self._learn(0, ticket)
            if (place := self._place(ticket)) is not None:
                self._until[place] = time.monotonic() + self._hold(1)

    def give_back(self, ticket: Ticket, *, arrived: bool = True) -> None:
        """Free the place, unless another photo holds it by now. `arrived`: the photo has come to the end of its way."""
        with self._alone():
            if (place := self._place(ticket)) is not None:
                self._taken[place] = self._until[place] = 0.0
            if arrived:
                self._learn(1, ticket)

    def _try(self, is_patient: bool) -> Ticket | None:
        with self._alone():
            now = time.monotonic()
            until, patient = self._until[: self._places + 1], self._patient[: self._places + 1]
            # What lies further ahead was written before the machine was started again.
            free = (until <= now) | (until > now + _LONGEST)
            is_spare_open = not is_patient and bool(patient[~free].any())
            open_places = np.flatnonzero(free if is_spare_open else free[:-1])
            if not len(open_places):
                return None
            place = int(open_places[0])
            self._taken[place], self._until[place], self._patient[place] = now, now + self._hold(0), is_patient
            return np.array([place, now], np.float64)

    def _place(self, ticket: Ticket) -> int | None:
        return int(ticket[0]) if _may_be(ticket) and self._taken[int(ticket[0])] == ticket[1] else None

    def _hold(self, stage: int) -> float:
        return float(np.clip(_HOLDS * self._usual[stage], SHORTEST_HOLD, _LONGEST))

    def _learn(self, stage: int, ticket: Ticket) -> None:
        """How long photos usually take to the middle (0) and to the end (1); those that were held too short count."""
        if not _may_be(ticket):
            return
        took = float(np.clip(time.monotonic() - ticket[1], 0.0, _LONGEST))
        self._usual[stage] += _LEARNS * (took - self._usual[stage])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # The kernel gives the lock back when its holder dies.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _may_be(ticket: Ticket) -> bool:
    """Whether the numbers, which a request to a single step may have made up, can be a ticket's."""
    number, taken = ticket
    return bool(0 <= number < _MOST and 0 < taken <= time.monotonic())


def _shared_file() -> Path:
    """In the state folder of an embedded server, otherwise named by the server, which is the parent of every step."""
    home = os.environ.get("SEAMLINE_HOME")
    if home and Path(home).is_dir():
        return Path(home, "admission")
    return Path(tempfile.gettempdir(), f"seamline-admission-{os.getuid()}-{os.getppid()}")
