"""Where a watch stands, and a thread that tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LISTED = 100
"""Problems that are kept for the summary; the store has all."""

_EVERY = 0.5


@dataclass(frozen=True)
class Problem:
    """A garment that could not be screened, and why."""

    item: str
    photo: str
    reason: str


@dataclass
class Progress:
    """Counts are of garments.

    `total`: those that were to be screened when all were looked at last, those that are done before included. `done`:
    screened. `suspects`: new in the queue. `failed`: could not be screened when they were last tried; `problems`: the
    first of them. `looking`: a look is under way. `missing`: the index or store that is away; `waiting_for`: whatever
    the watch waits for just now.
    """

    total: int = 0
    done: int = 0
    suspects: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)
    looking: bool = False
    missing: str = ""
    waiting_for: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    def begin_whole(self, new: int) -> None:
        """All garments are looked at, of which `new` have to be screened; all problems are tried again."""
        self.total, self.failed = self.done + new, 0
        self.problems.clear()

    def fail(self, problem: Problem) -> None:
        """Count a problem."""
        self.failed += 1
        if len(self.problems) < LISTED:
            self.problems.append(problem)


@contextmanager
def told(progress: Callable[[], Progress], report: Callable[[Progress], None]) -> Iterator[None]:
    """Within, `report` hears of the progress while a look or a waiting lasts, also while nothing moves, and at its
    end."""
    ended = threading.Event()

    def tell() -> None:
        was_busy = True
        while not ended.wait(_EVERY):
            now = progress()
            is_busy = now.looking or bool(now.waiting_for)
            if is_busy or was_busy:
                report(now)
            was_busy = is_busy

    thread = threading.Thread(target=tell, name="seamline-watch-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
