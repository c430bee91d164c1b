"""The one thread of a desk that indexes, job after job, as `seamline index` does."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from pathlib import Path

from seamline.catalogue import Options, Progress, RunContext, Source, failure_file, index_items, open_source
from seamline.client import Client
from seamline.connections import MILVUS_TIMEOUT, TIMEOUT, batch_client, open_index
from seamline.core.errors import SeamlineError, Unavailable
from seamline.desk.catalogue.folders import BoundedSource, allowed_source
from seamline.desk.catalogue.jobs import AGAIN, DONE, FAILED, STOPPED, job_folder, photos_of
from seamline.desk.catalogue.progress import Written
from seamline.desk.catalogue.turns import end_job, mark_interrupted, next_job, withdraw_job
from seamline.desk.catalogue.uploads import write_manifest
from seamline.desk.settings import DeskSettings
from seamline.desk.store import PhotoFiles, Store
from seamline.desk.store.models import IndexJob

_LOG = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0
FAILURES, _MANIFEST = "failures.jsonl", "manifest.jsonl"


class _Stopped(Exception):
    """Somebody stopped the job, or the desk ends."""


class IndexRunner:
    """Runs the jobs that wait, one at a time, the oldest first. `wake` tells it of a new one."""

    def __init__(self, settings: DeskSettings, store: Store, photos: PhotoFiles) -> None:
        self._settings, self._store, self._photos = settings, store, photos
        self._wake, self._closed = threading.Event(), threading.Event()
        self._stopped: set[str] = set()
        self._current: tuple[str, Client] | None = None
        self._thread = threading.Thread(target=self._work, name="index-jobs", daemon=True)

    def start(self) -> None:
        """Begin. Jobs of this desk that ran when it ended are marked as stopped."""
        mark_interrupted(self._store, self._settings.folder)
        self._thread.start()

    def wake(self) -> None:
        """There is a job that waits."""
        self._wake.set()

    def stop(self, job_id: str) -> None:
        """Let a job that waits or runs end at its next step; what is indexed stays."""
        if not withdraw_job(self._store, job_id):
            self._stopped.add(job_id)
            self._hang_up(job_id)

    def close(self) -> None:
        """Stop what runs, and run nothing more."""
        self._closed.set()
        self._wake.set()
        self._hang_up(None)
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _hang_up(self, job_id: str | None) -> None:
        """End the job's calls to the server, any job's for None; a server that is away would be waited for."""
        current = self._current
        if current is not None and job_id in (None, current[0]):
            current[1].close()

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                job = next_job(self._store, self._settings.folder)
                if job is not None:
                    self._run(job)
                    continue
            except (SeamlineError, OSError) as error:  # the store is away, or the disk is full
                _LOG.warning("indexing waits: %s", error)
            self._wake.wait(2.0)
            self._wake.clear()

    def _run(self, job: IndexJob) -> None:
        try:
            progress = self._index(job)
        except _Stopped:
            self._end(job, STOPPED, AGAIN)
        except Unavailable as error:
            self._end(job, STOPPED, AGAIN if self._is_stopped(job.id) else f"{error}; {AGAIN}")
        except SeamlineError as error:
            self._end(job, FAILED, str(error))
        except Exception:
            _LOG.exception("indexing has a fault")
            self._end(job, FAILED, "the desk has a fault; its log names it")
        else:
            self._end(job, DONE, _summary(progress), progress)
        finally:
            self._current = None
            self._stopped.discard(job.id)
            # It is written anew for each run, so that what was deleted since is in no file.
            (job_folder(self._settings.folder, job.id) / _MANIFEST).unlink(missing_ok=True)

    def _index(self, job: IndexJob) -> Progress:
        settings, folder = self._settings, job_folder(self._settings.folder, job.id)
        path, source = self._source(job, folder)

        def check() -> None:
            if self._is_stopped(job.id):
                raise _Stopped

        with (
            closing(open_index(settings.milvus, settings.server, MILVUS_TIMEOUT)) as index,
            batch_client(settings.server, None, TIMEOUT) as client,
            failure_file(folder / FAILURES, path) as failures,
            Written(self._store, job.id, check) as written,
        ):
            self._current = job.id, client
            context = RunContext(failures=failures, report=written.report, count=source.count)
            return index_items(source, client, index, job.collection, Options(), context)

    def _source(self, job: IndexJob, folder: Path) -> tuple[Path, Source]:
        if job.source:
            path = allowed_source(self._settings.indexed_folders, job.source)
            return path, BoundedSource(open_source(path), self._settings.indexed_folders)
        path = folder / _MANIFEST
        write_manifest(path, photos_of(self._store, job.id), self._photos)
        return path, open_source(path)

    def _is_stopped(self, job_id: str) -> bool:
        return self._closed.is_set() or job_id in self._stopped

    def _end(self, job: IndexJob, state: str, message: str, progress: Progress | None = None) -> None:
        """Write down how a job ended; a store that is away is waited for."""
        while True:
            try:
                end_job(self._store, job.id, state, message, progress)
                return
            except Unavailable:
                if self._closed.wait(2.0):
                    raise


def _summary(progress: Progress) -> str:
    if not progress.done:
        return "there is no photo in it"
    return "none of the photos could be indexed" if progress.failed == progress.done else ""
