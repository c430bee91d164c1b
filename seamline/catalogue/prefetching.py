"""An iterator that works ahead in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.2
_JOIN_SECONDS = 5.0
"""Seconds that the thread may take to end what it has begun; it is a daemon and holds nothing that must be saved."""


class Prefetcher(Generic[T]):
    """What `source` yields, made up to `limit` ahead of the reader, who is told by `on_wait` while there is nothing.

    An error of the source reaches the reader in its place.
    """

    def __init__(self, source: Iterator[T], limit: int, on_wait: Callable[[], None]) -> None:
        self._source, self._on_wait = source, on_wait
        self._queue: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(limit)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="seamline-prefetch", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                value, error = self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                self._on_wait()
                continue
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield value  # type: ignore[misc]

    def close(self) -> None:
        """Stop working ahead; what is ready is dropped."""
        self._closed.set()
        self._thread.join(_JOIN_SECONDS)

    def _work(self) -> None:
        try:
            for value in self._source:
                if not self._put(value, None):
                    return
            self._put(None, StopIteration())
        except BaseException as error:
            self._put(None, error)

    def _put(self, value: T | None, error: BaseException | None) -> bool:
        """Whether it was taken before the reader closed."""
        while not self._closed.is_set():
            try:
                self._queue.put((value, error), timeout=_POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False
