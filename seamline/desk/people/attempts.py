"""How often something may be tried."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST = 50_000


class Attempts:
    """Token buckets: for each key `burst` tries at once, and one more every `seconds`.

    At most `most` keys are remembered; those that were used longest ago go first. May be shared between threads.
    """

    def __init__(
        self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic, most: int = _MOST
    ) -> None:
        self._burst, self._seconds, self._clock, self._most = burst, seconds, clock, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Seconds to wait until there is a try again; 0 where one was there, which is taken."""
        with self._lock:
            left = self._left(key)
            taken = left >= 1
            self._set(key, left - taken)
            return 0.0 if taken else (1 - left) * self._seconds

    def give_back(self, key: str) -> None:
        """A try that does not count."""
        with self._lock:
            self._set(key, self._left(key) + 1)

    def _left(self, key: str) -> float:
        tries, at = self._buckets.get(key, (float(self._burst), 0.0))
        return min(self._burst, tries + (self._clock() - at) / self._seconds)

    def _set(self, key: str, tries: float) -> None:
        self._buckets[key] = (tries, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
