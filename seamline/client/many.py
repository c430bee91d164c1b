"""Many photos with several requests in flight, and which errors concern one of them alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from seamline.client.results import Embedded
from seamline.core.errors import BadPhoto, DeadlineExceeded, FingerprintMismatch, NotFound, SeamlineError, Unavailable

T = TypeVar("T")
R = TypeVar("R")

_MOST_LATE = 3
_WAITING = 4
"""Results that wait for an earlier one, per call in flight, where order counts."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one photo: `embedded`, or the `error` that concerns this photo alone."""

    path: Path
    embedded: Embedded | None
    error: SeamlineError | None


@dataclass(frozen=True, eq=False)
class Done(Generic[T, R]):
    """What became of one of many: the `result`, or the `error` that concerns this one alone."""

    given: T
    result: R | None
    error: SeamlineError | None


def in_completion_order(work: Callable[[T], R], given: Iterable[T], in_flight: int) -> Iterator[Done[T, R]]:
    """Call `work` for each of `given`, `in_flight` at a time, and yield what became of it as soon as that is known.

    `given` is read only as far as needed. An error of one is yielded; one that concerns all is
    raised, and Unavailable also when nothing but deadlines comes, `in_flight` (at least 3) in a row.
    When the caller stops early, calls under way are left to end by themselves.
    """
    rest, late = iter(given), _Late(max(in_flight, _MOST_LATE))
    pool = ThreadPoolExecutor(in_flight, thread_name_prefix="seamline-embed")
    try:
        pending = {pool.submit(_done, work, one) for one in islice(rest, in_flight)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(_done, work, one) for one in islice(rest, len(done))}
            for one in _results(done):
                late.note(one.error)
                yield one
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def in_given_order(work: Callable[[T], R], given: Iterable[T], in_flight: int) -> Iterator[Done[T, R]]:
    """As `in_completion_order`, but in the order of `given`, so that a file of the results has one order.

    A deadline is always the error of one. An error that concerns all is raised in its turn.
    """
    waiting: deque[Future[Done[T, R]]] = deque()
    pool = ThreadPoolExecutor(in_flight, thread_name_prefix="seamline-embed")
    try:
        for one in given:
            waiting.append(pool.submit(_done, work, one))
            if len(waiting) >= in_flight * _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def concerns_all(error: SeamlineError) -> bool:
    """Whether other photos would meet the same error: the server is away, has come to run other weights, or lacks what
    all of them ask for, such as a system."""
    if isinstance(error, Unavailable):
        return not isinstance(error, DeadlineExceeded)
    return isinstance(error, FingerprintMismatch | NotFound)


def _done(work: Callable[[T], R], one: T) -> Done[T, R]:
    try:
        return Done(one, work(one), None)
    except SeamlineError as error:
        if concerns_all(error):
            raise
        return Done(one, None, error)


class _Late:
    """Tells a server that hangs from photos that take too long: by `most` deadlines without an answer in between."""

    def __init__(self, most: int) -> None:
        self._most, self._in_a_row = most, 0

    def note(self, error: SeamlineError | None) -> None:
        """Take in what became of one. Raises Unavailable when that is enough."""
        if isinstance(error, DeadlineExceeded):
            self._in_a_row += 1
        elif not isinstance(error, BadPhoto):  # which is found out here, without the server
            self._in_a_row = 0
        if self._in_a_row >= self._most:
            raise Unavailable(f"the server does not answer in time: {error}, {self._in_a_row} times in a row")


def _results(done: set[Future[Done[T, R]]]) -> Iterator[Done[T, R]]:
    """Results first: what was embedded must reach the caller before a failure ends the iteration."""
    for future in sorted(done, key=_badness):
        yield future.result()


def _badness(future: Future[Done[T, R]]) -> int:
    if future.exception() is not None:
        return 2
    return int(future.result().error is not None)
