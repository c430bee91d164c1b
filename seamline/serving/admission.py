"""Admission control: how many photos are between the first step and the last at a time, over all processes of a server.

The first step acquires a slot for a photo, whose lease goes with the photo; a later step releases it. Triton itself
limits single steps alone: without this, a short first step would let in far more photos than the long ones behind it
can finish. A step behind the first takes no photo without a lease that is this server's, that has not ended and that
the step has not seen before; so nobody can begin in the middle, nor pass twice.

Photos of jobs, which can wait long, would keep everybody else from the slots. So while they hold any, there is one
slot more for the others.

A photo can be lost on its way: Triton drops those whose clients have gone between two steps, and a process may die. So
a slot falls free by itself, after several times as long as photos usually take, and later once a further step has seen
the photo; one that is late and not lost goes on all the same. What is learnt of that is bounded, since whoever sends a
photo has a hand in how long it takes.

Some photos cost many times as much as others. Such a one leaves its place to the others and takes one of a few that
only they have, so that it keeps neither all places from the others nor all instances of a step.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadLease, Busy, DeadlineExceeded
from seamline.serving.admission_file import MOST_SLOTS, AdmissionFile
from seamline.serving.lease import Lease
from seamline.serving.progress import Cost
from seamline.serving.shared_state import shared_path

PATIENCE = 5.0
TIMEOUT = 30.0
"""Seconds after which nobody is thought to wait for an answer, where the request does not say."""

SHORTEST_HOLD = (0.15, 0.5)
LONGEST_HOLD = (1.0, 5.0)
"""Seconds that a slot is held at least and at most, before the middle of the way and behind it; a step that works for
longer renews its lease meanwhile."""

_HOLDS = 4.0
"""Times as long as photos usually take to the next step that sees them."""

_LOOK_EVERY, _LOOK_PATIENTLY = 0.002, 0.01
_LEARNS = 0.1


class Admission:
    """Slots for `slots` photos and a spare one, in a file that the processes of one server share."""

    def __init__(self, slots: int, file: Path | None = None) -> None:
        """`slots` 0 is one for each processor, and two at least, so that none is idle while a photo changes steps."""
        self.slots = min(slots or max(2, len(os.sched_getaffinity(0))), MOST_SLOTS // 4)
        self._shared = AdmissionFile(file or shared_path("admission"))

    def acquire(self, patience: float = PATIENCE, timeout: float = TIMEOUT) -> Lease:
        """Wait for a free slot and hold it. Raises Busy when none falls free within `patience` seconds.

        `timeout`: seconds after which nobody waits for the photo any longer. Who can wait as long as PATIENCE looks
        less often, and so leaves most slots to those who cannot.
        """
        begin = time.monotonic()
        give_up = begin + min(patience, timeout)
        is_patient = patience >= PATIENCE
        pause = _LOOK_PATIENTLY if is_patient else _LOOK_EVERY
        while (lease := self._try(is_patient, begin + timeout)) is None:
            if time.monotonic() >= give_up:
                raise Busy("the server is busy and refused the request; try again in a moment")
            time.sleep(pause)
        return lease

    def tensor(self, lease: Lease) -> NDArray[np.uint8]:
        """The lease as it goes with the photo."""
        return lease.signed(self._shared.key)

    def lease(self, tensor: NDArray[Any] | None) -> Lease:
        """The lease that came with a photo. Raises BadLease where this server did not give it."""
        return Lease.verified(tensor, self._shared.key)

    def step_bit(self, name: str) -> np.uint64:
        """What `enter` knows a step by."""
        return self._shared.step_bit(name)

    def enter(self, lease: Lease, step: np.uint64, *, is_middle: bool = False) -> None:
        """Let a photo into a step, once, and hold its slot until it may have come to the next.

        Raises Busy where the lease has ended, BadLease where this one has been in the step before, and
        DeadlineExceeded where nobody waits for it any longer. `is_middle`: the photo has come half of its way.
        """
        with self._shared.alone():
            if is_middle:
                self._learn(0, lease)
            self._check(lease)
            if self._shared.passed[lease.slot] & step:
                raise BadLease("a photo passes each step once; send it to embed or search again")
            self._shared.passed[lease.slot] |= step
            self._extend(lease)

    def renew(self, lease: Lease) -> None:
        """Hold the slot of a photo that a step still works on, as long as at most. Raises as `enter` does."""
        with self._shared.alone():
            self._check(lease)
            self._shared.until[lease.slot] = time.monotonic() + LONGEST_HOLD[1]

    def claim(self, lease: Lease, cost: Cost, most: int, patience: float) -> None:
        """Count the photo among at most `most` of this cost, and no longer among the usual ones.

        Raises Busy when there are as many for `patience` seconds, and as `enter` does. Jobs' photos may be large, since
        they leave others a slot anyway.
        """
        give_up = time.monotonic() + patience
        while not self._claimed(lease, cost, most):
            if time.monotonic() >= give_up:
                raise Busy("the server is busy with other photos of many garments or hits; try again in a moment")
            time.sleep(_LOOK_EVERY)

    def release(self, lease: Lease, *, arrived: bool = True) -> None:
        """Free the slot, unless another photo holds it by now. `arrived`: the photo has come to the end of its way."""
        with self._shared.alone():
            held = self._holds(lease)
            if arrived and not (held and self._shared.cost[lease.slot]):
                self._learn(1, lease)
            if held:
                self._shared.acquired[lease.slot] = self._shared.until[lease.slot] = 0.0

    def _try(self, is_patient: bool, deadline: float) -> Lease | None:
        shared = self._shared
        with shared.alone():
            now = time.monotonic()
            busy = shared.until > now
            usual = busy & (shared.cost == Cost.USUAL)
            places = np.setdiff1d(np.arange(self.slots + 1), shared.place[usual])
            is_spare_open = not is_patient and bool(shared.patient[usual].any())
            if not len(places) or not (places[0] < self.slots or is_spare_open) or busy.all():
                return None
            ended = (shared.acquired == 0) | (shared.deadline < now)
            slot = int(np.argmax(ended) if ended.any() else np.argmin(shared.until))
            shared.acquired[slot], shared.until[slot] = now, now + self._hold(0)
            shared.deadline[slot] = deadline
            shared.patient[slot], shared.place[slot], shared.cost[slot] = is_patient, places[0], Cost.USUAL
            shared.passed[slot] = 0
            return Lease(slot, now, deadline)

    def _claimed(self, lease: Lease, cost: Cost, most: int) -> bool:
        shared = self._shared
        with shared.alone():
            self._check(lease)
            if shared.cost[lease.slot] >= cost or (cost == Cost.LARGE_PHOTO and shared.patient[lease.slot]):
                return True
            now = time.monotonic()
            if np.count_nonzero((shared.until > now) & (shared.cost == cost)) >= most:
                return False
            shared.cost[lease.slot], shared.until[lease.slot] = cost, now + LONGEST_HOLD[1]
            return True

    def _check(self, lease: Lease) -> None:
        if time.monotonic() > lease.deadline:
            raise DeadlineExceeded("nobody waits for the answer any longer; allow the request more time")
        if not self._holds(lease):
            raise Busy("the server is busy and took too long for the request; try again in a moment")

    def _holds(self, lease: Lease) -> bool:
        return bool(self._shared.acquired[lease.slot] == lease.acquired)

    def _extend(self, lease: Lease) -> None:
        until = time.monotonic() + self._hold(1)
        self._shared.until[lease.slot] = max(self._shared.until[lease.slot], until)

    def _hold(self, stage: int) -> float:
        return float(np.clip(_HOLDS * self._shared.usual[stage], SHORTEST_HOLD[stage], LONGEST_HOLD[stage]))

    def _learn(self, stage: int, lease: Lease) -> None:
        """How long photos usually take to the middle (0) and to the end (1); those that were held too short count."""
        took = min(time.monotonic() - lease.acquired, LONGEST_HOLD[stage] / _HOLDS)
        self._shared.usual[stage] += _LEARNS * (took - self._shared.usual[stage])
