"""Repeating what a Milvus that is away, or whose disk is full, could not do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from seamline.core.errors import InternalError, SeamlineError, Unavailable

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


class Patience:
    """Repeats a call with pauses that double, for `seconds` in all; `end` makes it give up at once.

    Only calls that may be repeated without harm are to be made through it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ended = threading.Event()
        self.waiting_for = ""
        """Why a call is being repeated just now; empty when none is."""

    def end(self) -> None:
        """Let calls fail at once from now on."""
        self._ended.set()

    def call(self, action: Callable[[], T]) -> T:
        """Do it. Raises what `action` raised last, at once where repeating cannot help."""
        end, pause = time.monotonic() + self._seconds, _FIRST_PAUSE
        while True:
            try:
                return action()
            except (Unavailable, InternalError) as error:  # a full disk has words of its own in some versions
                left = end - time.monotonic()
                if left <= 0 or self._ended.is_set():
                    raise
                self._wait(error, min(pause, left))
                pause = min(2 * pause, _LONGEST_PAUSE)
            finally:
                self.waiting_for = ""

    def _wait(self, error: SeamlineError, seconds: float) -> None:
        self.waiting_for = str(error)
        self._ended.wait(seconds)
