"""Where an indexing job stands, written into the store every second so that every page can tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from sqlalchemy import update

from seamline.catalogue import Failure, Progress
from seamline.core.errors import SeamlineError
from seamline.desk.catalogue.uploads import FILE
from seamline.desk.store import Store
from seamline.desk.store.models import IndexJob

_EVERY = 1.0
_SHOWN = 20
"""Failures that the page lists; the file has all."""


def counted(progress: Progress) -> dict[str, Any]:
    """The counts as plain values, and the first failures. `worked`: photos that took time, of which the rate is."""
    return {
        "total": progress.total,
        "done": progress.done,
        "worked": progress.done - progress.skipped - progress.repeated,
        "indexed": progress.indexed,
        "skipped": progress.skipped,
        "replaced": progress.replaced,
        "garments": progress.garments,
        "without_garment": progress.without_garment,
        "failed": progress.failed,
        "seconds": round(progress.seconds, 1),
        "waiting_for": progress.waiting_for,
        "failures": [_plain(failure) for failure in progress.failures[:_SHOWN]],
    }


def _plain(failure: Failure) -> dict[str, str]:
    item = failure.item
    if item is None:
        return {"item": "", "photo": failure.place, "reason": failure.reason}
    name = item.metadata.get(FILE) or item.photo.rpartition("/")[2]
    return {"item": item.item, "photo": str(name), "reason": failure.reason}


class Written:
    """Hears of every step of a job. `check` is called at each, and may end the job by raising."""

    def __init__(self, store: Store, job_id: str, check: Callable[[], None]) -> None:
        self._store, self._job_id, self._check = store, job_id, check
        self._due = 0.0
        self._latest: Progress | None = None

    def __enter__(self) -> Written:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._latest is not None:
            self._write(self._latest)

    def report(self, progress: Progress) -> None:
        """As `index_items` calls it."""
        self._latest = progress
        self._check()
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _EVERY
            self._write(progress)

    def _write(self, progress: Progress) -> None:
        statement = update(IndexJob).where(IndexJob.id == self._job_id).values(progress=counted(progress))
        try:
            with self._store.session() as session:
                session.execute(statement)
        except SeamlineError:  # the next second tries again; a store that is away must not end the work
            return
