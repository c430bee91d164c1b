"""Photos read ahead of the work on them, of which several pieces are under way at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from seamline.catalogue.comparing import CheckedBatch, PendingPhoto
from seamline.catalogue.photos import PhotoReader
from seamline.client import Embedded, Versions
from seamline.client.many import Done, in_completion_order
from seamline.core.errors import BadPhoto, SeamlineError

R = TypeVar("R")

_PREFETCHED = 2
"""Photos that are read or ready per request in flight."""


class Embedder(Protocol):
    """The part of `seamline.client.Client` that indexing needs. Threads share it."""

    def versions(self) -> Versions: ...

    def embed(self, photo: bytes) -> Embedded: ...


@dataclass(frozen=True)
class Listener:
    """Who is told of batches as they are reached, and of every moment of waiting for one."""

    checked: Callable[[CheckedBatch], None]
    on_wait: Callable[[], None]


@dataclass(frozen=True)
class _Loaded:
    """A photo's bytes, or why there are none."""

    pending_photo: PendingPhoto
    data: bytes | BadPhoto


def process_photos(
    work: Callable[[bytes], R],
    batches: Callable[[Executor], Iterator[CheckedBatch]],
    photos: PhotoReader,
    in_flight: int,
    listener: Listener,
) -> Generator[Done[PendingPhoto, R], None, None]:
    """Call `work` with the bytes of the batches' pending photos, and yield what became of each in turn."""
    source_errors: list[SeamlineError] = []
    readers = ThreadPoolExecutor(in_flight, thread_name_prefix="seamline-read")
    try:
        ahead = Prefetcher(_submit_reads(batches(readers), readers, photos), _PREFETCHED * in_flight, listener.on_wait)
        with closing(ahead):
            for done in in_completion_order(_unwrapped(work), _loaded(ahead, listener, source_errors), in_flight):
                yield Done(done.given.pending_photo, done.result, done.error)
        for error in source_errors:
            raise error
    finally:
        readers.shutdown(wait=False, cancel_futures=True)


def _submit_reads(
    batches: Iterable[CheckedBatch], readers: Executor, photos: PhotoReader
) -> Iterator[CheckedBatch | Future[_Loaded]]:
    for checked in batches:
        yield checked
        for pending_photo in checked.pending_photos.values():
            yield readers.submit(_load, photos, pending_photo)


def _load(photos: PhotoReader, pending_photo: PendingPhoto) -> _Loaded:
    try:
        return _Loaded(pending_photo, photos.read(pending_photo.photo))
    except BadPhoto as error:
        return _Loaded(pending_photo, error)


def _loaded(
    ahead: Iterable[CheckedBatch | Future[_Loaded]], listener: Listener, source_errors: list[SeamlineError]
) -> Iterator[_Loaded]:
    """The photos to work on. An error ends them and is put aside, so that what is under way comes to its end first."""
    try:
        for entry in ahead:
            if isinstance(entry, CheckedBatch):
                listener.checked(entry)
            else:
                yield entry.result()
    except SeamlineError as error:
        source_errors.append(error)


def _unwrapped(work: Callable[[bytes], R]) -> Callable[[_Loaded], R]:
    def call(loaded: _Loaded) -> R:
        if isinstance(loaded.data, BadPhoto):
            raise loaded.data
        return work(loaded.data)

    return call


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
