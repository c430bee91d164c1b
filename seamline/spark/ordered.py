"""Several calls at a time, results in the order of what they are called for, so that the output has one order."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4  # results that wait for an earlier one, per call in flight


def in_order(call: Callable[[T], R], things: Iterable[T], in_flight: int) -> Iterator[R]:
    """`call` for every thing, `in_flight` at a time. `things` is read only a little ahead; an error is raised in turn.

    When the caller stops early or a call has failed, calls under way are left to end by themselves.
    """
    waiting: collections.deque[Future[R]] = collections.deque()
    pool = ThreadPoolExecutor(in_flight, thread_name_prefix="seamline-embed")
    try:
        for thing in things:
            waiting.append(pool.submit(call, thing))
            if len(waiting) >= in_flight * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
