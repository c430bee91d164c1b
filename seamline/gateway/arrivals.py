"""Requests whose bytes are on their way, and the end of those that take too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WITHIN = 20.0
"""Seconds that the bytes of a request may take: whoever trickles them would keep a thread from others."""

_LOOK_EVERY = 1.0


class Arrivals:
    """Ends calls whose request does not arrive. One thread looks after all of them."""

    def __init__(self) -> None:
        self._awaited: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._work, name="arrivals", daemon=True).start()

    @contextmanager
    def awaited(self, context: Any) -> Iterator[None]:
        """While the block waits for the request of a call; reading ends where the call is ended."""
        with self._lock:
            self._awaited[id(context)] = time.monotonic() + WITHIN, context
        try:
            yield
        finally:
            with self._lock:
                del self._awaited[id(context)]

    def _work(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            now = time.monotonic()
            with self._lock:
                late = [context for until, context in self._awaited.values() if until < now]
            for context in late:
                context.cancel()
