"""A thread that stores what was embedded, so that embedding never waits for Milvus while its queue has room.

The order is what makes a run that is killed at any moment lose and double nothing: rows are stored under keys that
item, photo, content and number determine; then rows that they replace are deleted; then Milvus flushes; then the
journal enters the photos. A photo's rows are always part of one call.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from seamline.catalogue.journal import Journal
from seamline.catalogue.records import JournalEntry
from seamline.client.retrying import Retrier
from seamline.index import Collection, Garment

_QUEUED = 256
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Change:
    """What one photo of an item changes: rows to store, keys of rows to delete, and what the journal then says of it
    under `key`."""

    key: bytes
    entry: JournalEntry
    rows: Sequence[Garment] = ()
    stale: Sequence[str] = ()


@dataclass(frozen=True)
class Batching:
    """`rows`: per call to Milvus. `flush`, `seconds`: so many photos or garments, or seconds, from one flush to the
    next, which is what the crash of Milvus costs."""

    rows: int = 256
    flush: int = 2048
    seconds: float = 30.0


@dataclass
class _Pending:
    """What is on its way to the next flush, and how many of its rows are stored so far."""

    rows: list[Garment] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    entries: list[tuple[bytes, JournalEntry]] = field(default_factory=list)
    stored: int = 0
    since: float = 0.0


class Writer:
    """Takes changes from one thread and carries them out in another."""

    def __init__(self, collection: Collection, journal: Journal, retrier: Retrier, batching: Batching) -> None:
        self._collection, self._journal = collection, journal
        self._retrier, self._batching = retrier, batching
        self._queue: queue.Queue[Change | None] = queue.Queue(_QUEUED)
        self._pending = _Pending()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="seamline-writer", daemon=True)
        self._thread.start()

    def put(self, change: Change, on_wait: Callable[[], None]) -> None:
        """Hand a change over; calls `on_wait` while the queue is full. Raises what has ended the thread."""
        while True:
            self.check()
            try:
                self._queue.put(change, timeout=_POLL_SECONDS)
                return
            except queue.Full:
                on_wait()

    def check(self) -> None:
        """Raise what has ended the thread, if anything has."""
        if self._error is not None:
            raise self._error

    def close(self, on_wait: Callable[[], None] = lambda: None) -> None:
        """Return once everything is stored, flushed and entered in the journal. Raises what kept it from that.

        `on_wait` is called now and then until then. May be called again when it has raised.
        """
        is_told = False
        while self._thread.is_alive():
            if not is_told:
                with contextlib.suppress(queue.Full):
                    self._queue.put(None, timeout=_POLL_SECONDS)
                    is_told = True
            self._thread.join(_POLL_SECONDS)
            on_wait()
        self.check()

    def _work(self) -> None:
        try:
            while (change := self._next()) is not None:
                self._take(change)
            self._flush()
        except BaseException as error:
            self._error = error

    def _next(self) -> Change | None:
        """The next change; flushes when the time for it comes while there is none."""
        while True:
            try:
                return self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                self._flush_if_due()

    def _take(self, change: Change) -> None:
        pending = self._pending
        if not pending.entries:
            pending.since = time.monotonic()
        unstored = len(pending.rows) - pending.stored
        if unstored and unstored + len(change.rows) > self._batching.rows:
            self._retrier.call(self._store)
        pending.rows.extend(change.rows)
        pending.stale.extend(change.stale)
        pending.entries.append((change.key, change.entry))
        self._flush_if_due()

    def _flush_if_due(self) -> None:
        pending = self._pending
        is_old = bool(pending.entries) and time.monotonic() - pending.since > self._batching.seconds
        if is_old or max(len(pending.entries), len(pending.rows)) >= self._batching.flush:
            self._flush()

    def _flush(self) -> None:
        if self._pending.entries:
            self._retrier.call(self._store_and_flush)
            self._journal.record(self._pending.entries)
            self._pending = _Pending()

    def _store_and_flush(self) -> None:
        """Store, then delete what is replaced, so that no moment has neither; then flush."""
        self._store()
        with self._everything_again_on_failure():
            for keys in _chunks(self._pending.stale, self._batching.rows):
                self._collection.delete(keys)
            self._collection.flush()

    def _store(self) -> None:
        """Store what is not stored yet, in calls that never part a photo's rows."""
        pending, most = self._pending, self._batching.rows
        with self._everything_again_on_failure():
            while pending.stored < len(pending.rows):
                end = _end_of_call(pending.rows, pending.stored, most)
                self._collection.store(pending.rows[pending.stored : end])
                pending.stored = end

    @contextlib.contextmanager
    def _everything_again_on_failure(self) -> Iterator[None]:
        """After a failure every row since the last flush counts as not stored.

        A Milvus whose disk is full may drop what it was to flush and call the next flush, of nothing, a success.
        """
        try:
            yield
        except BaseException:
            self._pending.stored = 0
            raise


def _end_of_call(rows: Sequence[Garment], start: int, most: int) -> int:
    """Where a call ends that begins at `start`: after about `most` rows, and between two photos."""
    end = min(start + most, len(rows))
    while end < len(rows) and _photo(rows[end]) == _photo(rows[end - 1]):
        end += 1
    return end


def _photo(row: Garment) -> tuple[str, str]:
    return row.item, row.photo


def _chunks(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
