"""How a step that works for long asks whether its answer is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CHECK: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)


def check() -> None:
    """Tell that the step is at work, and raise DeadlineExceeded where nobody waits for its answer any longer.

    A step that is called in this process, without a server, is always wanted.
    """
    still_wanted = _CHECK.get()
    if still_wanted is not None:
        still_wanted()


@contextmanager
def checked_by(still_wanted: Callable[[], None]) -> Iterator[None]:
    """While the block runs, `check` calls this."""
    before = _CHECK.set(still_wanted)
    try:
        yield
    finally:
        _CHECK.reset(before)
