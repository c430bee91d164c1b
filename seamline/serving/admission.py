"""Admission control: how many photos are between the first step and the last at a time, over all processes of a server.

The first step acquires a slot for a photo, whose lease goes with the photo; a later step releases it. Triton itself
limits single steps alone: without this, a short first step would let in far more photos than the long ones behind it
can finish.

Photos of jobs, which can wait long, would keep everybody else from the slots. So while they hold any, there is one
slot more for the others.

A photo can be lost on its way: Triton drops those whose clients have gone between two steps, and a process may die. So
a lease ends by itself, after several times as long as photos usually take, and later once a step in the middle has seen
the photo.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import Busy
from seamline.serving.shared_state import shared_path

PATIENCE = 5.0
SHORTEST_HOLD = 0.15
"""Seconds that a slot is held at least."""

_HOLDS = 4.0
"""Times as long as photos usually take to the next step that sees them."""

_LONGEST = 60.0
_MOST = 1024
_LOOK_EVERY, _LOOK_PATIENTLY = 0.002, 0.01
_LEARNS = 0.1

Lease = NDArray[np.float64]
"""(2,): the number of a slot and the moment at which it was acquired, by the system's monotonic clock."""


class Admission:
    """`slots` slots and a spare one, in a file that the processes of one server share."""

    def __init__(self, slots: int, file: Path | None = None) -> None:
        """`slots` 0 is one for each processor, and two at least, so that none is idle while a photo changes steps."""
        self._slots = min(slots or max(2, len(os.sched_getaffinity(0))), _MOST - 1)
        size = 8 * (3 * _MOST + 2)
        self._file = os.open(file or shared_path("admission"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, size)
        numbers = np.frombuffer(mmap.mmap(self._file, size), np.float64)
        self._acquired, self._until, self._patient, self._usual = np.split(numbers, [_MOST, 2 * _MOST, 3 * _MOST])

    def acquire(self, patience: float = PATIENCE) -> Lease:
        """Wait for a free slot and hold it. Raises Busy when none falls free within `patience` seconds.

        Who can wait as long as PATIENCE looks less often, and so leaves most slots to those who cannot.
        """
        give_up = time.monotonic() + patience
        is_patient = patience >= PATIENCE
        pause = _LOOK_PATIENTLY if is_patient else _LOOK_EVERY
        while (lease := self._try(is_patient)) is None:
            if time.monotonic() >= give_up:
                raise Busy("the server is busy and refused the request; try again in a moment")
            time.sleep(pause)
        return lease

    def renew(self, lease: Lease) -> None:
        """Hold the slot of a photo that has come half of its way until it may have come to the end."""
        with self._alone():
            self._learn(0, lease)
            if (slot := self._slot(lease)) is not None:
                self._until[slot] = time.monotonic() + self._hold(1)

    def release(self, lease: Lease, *, arrived: bool = True) -> None:
        """Free the slot, unless another photo holds it by now. `arrived`: the photo has come to the end of its way."""
        with self._alone():
            if (slot := self._slot(lease)) is not None:
                self._acquired[slot] = self._until[slot] = 0.0
            if arrived:
                self._learn(1, lease)

    def _try(self, is_patient: bool) -> Lease | None:
        with self._alone():
            now = time.monotonic()
            until, patient = self._until[: self._slots + 1], self._patient[: self._slots + 1]
            # What lies further ahead was written before the machine was started again.
            free = (until <= now) | (until > now + _LONGEST)
            is_spare_open = not is_patient and bool(patient[~free].any())
            open_slots = np.flatnonzero(free if is_spare_open else free[:-1])
            if not len(open_slots):
                return None
            slot = int(open_slots[0])
            self._acquired[slot], self._until[slot], self._patient[slot] = now, now + self._hold(0), is_patient
            return np.array([slot, now], np.float64)

    def _slot(self, lease: Lease) -> int | None:
        return int(lease[0]) if _may_be(lease) and self._acquired[int(lease[0])] == lease[1] else None

    def _hold(self, stage: int) -> float:
        return float(np.clip(_HOLDS * self._usual[stage], SHORTEST_HOLD, _LONGEST))

    def _learn(self, stage: int, lease: Lease) -> None:
        """How long photos usually take to the middle (0) and to the end (1); those that were held too short count."""
        if not _may_be(lease):
            return
        took = float(np.clip(time.monotonic() - lease[1], 0.0, _LONGEST))
        self._usual[stage] += _LEARNS * (took - self._usual[stage])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # The kernel gives the lock back when its holder dies.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _may_be(lease: Lease) -> bool:
    """Whether the numbers, which a request to a single step may have made up, can be a lease's."""
    number, taken = lease
    return bool(0 <= number < _MOST and 0 < taken <= time.monotonic())
