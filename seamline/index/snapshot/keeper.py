"""The snapshots of one server, shared by its processes through a folder: one of them refreshes, all of them read."""

from __future__ import annotations

import dataclasses
import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seamline.core.errors import NotFound, SeamlineError
from seamline.index.collection import Collection
from seamline.index.rebuild import Index
from seamline.index.snapshot.copies import snapshots_of
from seamline.index.snapshot.reading import STATE, Snapshot
from seamline.index.snapshot.refreshing import Refresher, TooLarge

_LOG = logging.getLogger(__name__)

STALE_AFTER = 4.0
"""Seconds after which a row that was written has to be found."""

_PAUSE = 1.0
"""Seconds between two refreshes of one collection."""

_RESTED = 130.0
"""Seconds after a change from which on no call of its writer can still be under way."""

_LOOK_AGAIN, _LOOK_AGAIN_RESTED = 4.0, 60.0
"""Seconds after which a collection is looked at that did not tell of a change: a writer may have been killed before it
could, and rows may be deleted by other programs."""

_FORGOTTEN = 300.0
"""Seconds without a search after which a collection is no longer looked at."""

_RETRY = 30.0


class SnapshotKeeper:
    """The snapshots of the collections that this process searches.

    `folder`: where the server's processes find them. `limit`: garments of a collection up to which there is one.
    Nothing waits for a snapshot: it is made and refreshed in the background by whichever process comes first.
    """

    def __init__(self, index: Index, folder: Path, limit: int) -> None:
        self._index, self._limit = index, limit
        self._folder = snapshots_of(folder, index.uri)
        self._kept: dict[str, _Kept] = {}
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def current(self, collection: Collection) -> Snapshot | None:
        """The rows of a collection that was opened just now, or None where they are not known well enough.

        It lacks nothing that was written STALE_AFTER seconds ago, and holds nothing that was deleted.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="snapshots", daemon=True)
            self._thread.start()
        kept = self._kept.get(collection.physical)
        if kept is None:
            kept = self._kept[collection.physical] = _Kept(collection, self._folder / collection.physical)
        kept.collection, kept.used = collection, time.monotonic()
        snapshot = kept.latest()
        if snapshot is None or snapshot.changes != collection.changes:
            self._wake.set()
        if snapshot is None or snapshot.changes.removed != collection.changes.removed:
            return None
        is_whole = snapshot.changes == collection.changes or time.time() - snapshot.synced < STALE_AFTER
        return snapshot if is_whole else None

    def close(self) -> None:
        """Refresh nothing more."""
        self._closed.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._closed.is_set():
            for kept in list(self._kept.values()):
                self._look_after(kept)
            if self._wake.wait(_PAUSE):
                self._wake.clear()
                self._closed.wait(_PAUSE / 10)  # what is written by one job comes in many calls

    def _look_after(self, kept: _Kept) -> None:
        now = time.monotonic()
        if now - kept.used > _FORGOTTEN:
            self._kept.pop(kept.collection.physical, None)
        elif now >= kept.next_try and kept.is_due():
            kept.next_try = now + _PAUSE
            try:
                with kept.locked() as mine:
                    if mine and kept.is_due():
                        self._refresh(kept)
            except NotFound:  # dropped
                self._kept.pop(kept.collection.physical, None)
                shutil.rmtree(kept.folder, ignore_errors=True)
            except TooLarge:
                kept.next_try = now + _LOOK_AGAIN_RESTED
            except (SeamlineError, OSError) as error:
                _LOG.warning("the snapshot of %s could not be refreshed: %s", kept.collection.name, error)
                kept.next_try = now + _RETRY

    def _refresh(self, kept: _Kept) -> None:
        collection = self._index.reopened(kept.collection)
        resting = time.time() - collection.changes.moment > _RESTED
        Refresher(collection, kept.folder, self._limit).refreshed(kept.latest(), resting=resting)
        self._remove_dropped()

    def _remove_dropped(self) -> None:
        """Delete snapshots of collections that are no more."""
        present = self._index.physical_names()
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name not in present:
                shutil.rmtree(folder, ignore_errors=True)


@dataclasses.dataclass
class _Kept:
    """One collection as it was last opened, with its folder."""

    collection: Collection
    folder: Path
    used: float = 0.0
    next_try: float = 0.0
    _snapshot: Snapshot | None = None
    _seen: tuple[int, int] = (0, 0)

    def latest(self) -> Snapshot | None:
        """The snapshot that is saved in the folder."""
        try:
            stat = os.stat(self.folder / STATE)
        except OSError:
            return None
        if (stat.st_ino, stat.st_mtime_ns) != self._seen:
            self._snapshot = Snapshot.opened(self.folder, self._snapshot)
            self._seen = stat.st_ino, stat.st_mtime_ns
        return self._snapshot

    def is_due(self) -> bool:
        """Whether the snapshot has to be made anew."""
        snapshot = self.latest()
        if snapshot is None or snapshot.changes != self.collection.changes:
            return True
        rested = snapshot.synced - snapshot.changes.moment > _RESTED
        return time.time() - snapshot.synced > (_LOOK_AGAIN_RESTED if rested else _LOOK_AGAIN)

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Whether this process is the one that refreshes; the kernel gives the lock back when its holder dies."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            yield _locked(descriptor)
        finally:
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
