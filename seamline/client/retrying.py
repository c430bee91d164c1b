"""How a call to a service that is away or busy is made again: pauses that double, an end, and a way to stop at once."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from seamline.core.errors import DeadlineExceeded, SeamlineError, Unavailable

T = TypeVar("T")

_MOST_DOUBLINGS = 30


@dataclass(frozen=True)
class RetryPolicy:
    """When a call is made again.

    `retries`: how often, None for as often as the time allows; `first_retries`: the same until a first call has
    succeeded, None for no difference. `seconds`: after which no repetition begins; None for no end, or, in a client,
    for its timeout, which then bounds all attempts together instead of each. `timeouts`: so many attempts in a row
    without an answer in time end it, None for any number. `first_pause`, `longest_pause`: seconds between attempts,
    doubling, with jitter. `errors`: those that repeating can help against.
    """

    retries: int | None = 3
    first_retries: int | None = None
    seconds: float | None = None
    timeouts: int | None = 1
    first_pause: float = 0.2
    longest_pause: float = 5.0
    errors: tuple[type[SeamlineError], ...] = (Unavailable,)

    def pause_before(self, retry: int) -> float:
        """Seconds to wait before repeating for the `retry`-th time, from 1."""
        doubled = self.first_pause * 2.0 ** min(retry - 1, _MOST_DOUBLINGS)
        return min(doubled, self.longest_pause) * random.uniform(0.5, 1.0)


class Retrier:
    """Makes calls under a policy; only such as may be repeated without harm. May be shared between threads."""

    def __init__(self, policy: RetryPolicy) -> None:
        self.policy = policy
        self.waiting_for = ""
        """Why a call is being repeated just now; empty when none is."""
        self._has_succeeded = False
        self._stopped = threading.Event()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is repeated any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let calls fail at once from now on instead of repeating them."""
        self._stopped.set()

    def call(self, action: Callable[[], T]) -> T:
        """Do it. Raises what `action` raised last, at once where repeating cannot help."""
        deadline = time.monotonic() + (math.inf if self.policy.seconds is None else self.policy.seconds)
        retry = timeouts = 0
        while True:
            try:
                result = action()
            except self.policy.errors as error:
                retry += 1
                timeouts = timeouts + 1 if isinstance(error, DeadlineExceeded) else 0
                if timeouts == self.policy.timeouts or not self._may_repeat(error, retry, deadline):
                    raise
            else:
                self._has_succeeded = True
                return result

    def _may_repeat(self, error: SeamlineError, retry: int, deadline: float) -> bool:
        """Pause before the `retry`-th repetition; whether it is to be made."""
        most, pause = self._retries(), self.policy.pause_before(retry)
        if (most is not None and retry > most) or time.monotonic() + pause >= deadline:
            return False
        self.waiting_for = str(error)
        try:
            return not self._stopped.wait(pause)
        finally:
            self.waiting_for = ""

    def _retries(self) -> int | None:
        policy = self.policy
        return policy.retries if self._has_succeeded or policy.first_retries is None else policy.first_retries
