"""What a step that works for long asks of whoever let it begin: whether it is still wanted, and may be costly.

A step that is called in this process, without a server, is always wanted and may do anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Progress(Protocol):
    """Answers for one request."""

    def check(self) -> None: ...

    def costly(self) -> AbstractContextManager[None]: ...


_CURRENT: ContextVar[Progress | None] = ContextVar("progress", default=None)


def check() -> None:
    """Tell that the step is at work. Raises DeadlineExceeded where nobody waits for its answer any longer."""
    if (progress := _CURRENT.get()) is not None:
        progress.check()


def costly() -> AbstractContextManager[None]:
    """While the block runs, the step costs several times as much as for most requests. Raises Busy, at the beginning,
    where too many others do."""
    progress = _CURRENT.get()
    return nullcontext() if progress is None else progress.costly()


@contextmanager
def told_to(progress: Progress) -> Iterator[None]:
    """While the block runs, `check` and `costly` ask this one."""
    before = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(before)
