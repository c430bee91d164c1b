"""Progress of long jobs on standard error: done, rate and time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts `total` pieces of work, of which `done` were finished earlier, and prints a line every few seconds."""

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self._what = what
        self._total = total
        self._done = self._first = done
        self._start = self._printed = time.monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:
        """Count finished work; `note` is added to the line."""
        self._done += count
        now = time.monotonic()
        if now - self._printed >= _SECONDS_BETWEEN_LINES or self._done == self._total:
            self._printed = now
            print(self._line(now, note), file=sys.stderr, flush=True)

    def _line(self, now: float, note: str) -> str:
        rate = (self._done - self._first) / max(now - self._start, 1e-9)
        left = (self._total - self._done) / max(rate, 1e-9)
        return f"{self._what}: {self._done}/{self._total}, {_pace(rate)}, {_clock(left)} left {note}".rstrip()


def tracked(what: str, items: Iterable[Item], total: int) -> Iterator[Item]:
    """The items, counted as they are taken."""
    progress = Progress(what, total)
    for item in items:
        yield item
        progress.advance()


def _pace(rate: float) -> str:
    return f"{rate:.1f} a second" if rate >= 1 else f"{1 / max(rate, 1e-9):.1f} s each"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(min(seconds, 360_000)), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
