"""What a step asks of whoever let a request in: whether its answer is still wanted, and whether it may cost so much.

A step that is called in this process, without a server, is always wanted and may do anything.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Cost(enum.IntEnum):
    """Kinds of requests that take many times as long as most, the dearest last."""

    USUAL = 0
    LARGE_PHOTO = 1
    COSTLY_SEARCH = 2


class Progress(Protocol):
    """Answers for one request."""

    def check(self) -> None: ...

    def claim(self, cost: Cost) -> None: ...


_CURRENT: ContextVar[Progress | None] = ContextVar("progress", default=None)


def check() -> None:
    """Tell that the step is at work. Raises DeadlineExceeded where nobody waits for its answer any longer."""
    if (progress := _CURRENT.get()) is not None:
        progress.check()


def claim(cost: Cost) -> None:
    """Tell that the request is of this kind. Raises Busy where too many others are."""
    if (progress := _CURRENT.get()) is not None:
        progress.claim(cost)


@contextmanager
def told_to(progress: Progress) -> Iterator[None]:
    """While the block runs, `check` and `claim` ask this one."""
    before = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(before)
