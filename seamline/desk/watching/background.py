"""Looks at listings that were begun at the desk, each in a thread of the desk's own."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import partial

from seamline.connections import open_index
from seamline.core.errors import SeamlineError
from seamline.desk.errors import Conflict
from seamline.desk.model_server import ModelServer
from seamline.desk.settings import DeskSettings
from seamline.desk.store import Store
from seamline.desk.store.models import Watch
from seamline.desk.watching.begin import begin_watch, check_parts
from seamline.desk.watching.options import Options
from seamline.desk.watching.progress import Progress
from seamline.desk.watching.watcher import Watcher

_LOG = logging.getLogger(__name__)


_INDEX_SECONDS = 60.0


@dataclass
class Run:
    """One look. `names`: of the listings and the originals. `problem`: why it ended early."""

    names: tuple[str, str]
    watcher: Watcher
    is_done: bool = False
    problem: str = ""

    @property
    def progress(self) -> Progress:
        """Where it stands, or stood at its end."""
        return self.watcher.progress

    def work(self) -> None:
        """Take the look."""
        try:
            self.watcher.look()
        except SeamlineError as error:
            self.problem = str(error)
        except Exception:
            _LOG.exception("a watch that was begun at the desk has failed")
            self.problem = "the desk has a fault; its log names it"
        finally:
            self.is_done = True


class Watchers:
    """The looks of this desk by their watches, until it ends. May be shared between threads."""

    def __init__(self, settings: DeskSettings, store: Store) -> None:
        self._store, self._options = store, Options(photos=settings.photos)
        self._server = ModelServer(settings.server, bulk=True)
        self._open_index = partial(open_index, settings.milvus, settings.server, _INDEX_SECONDS)
        self._lock = threading.Lock()
        self._runs: dict[str, tuple[Run, threading.Thread]] = {}

    def begin(self, listings: str, originals: str, at_least: float | None) -> Watch:
        """Look at what is new of these listings; `at_least`: as of `begin_watch`.

        Raises Conflict where that is under way, and what `check_parts` raises.
        """
        check_parts(self._server, self._open_index, listings, originals)
        with self._lock:
            if any(run.names == (listings, originals) and not run.is_done for run, _ in self._runs.values()):
                raise Conflict("these listings are being screened already")
            watch = begin_watch(self._store, listings, originals, at_least)
            run = Run((listings, originals), Watcher(self._store, watch, self._server, self._open_index, self._options))
            thread = threading.Thread(target=run.work, name="seamline-desk-watch", daemon=True)
            self._runs[watch.id] = run, thread
            thread.start()
        return watch

    def run_of(self, watch: str) -> Run | None:
        """The latest look of a watch; None where none was begun here."""
        found = self._runs.get(watch)
        return None if found is None else found[0]

    def close(self) -> None:
        """Stop them, and wait until none writes any more."""
        with self._lock:
            for run, _ in self._runs.values():
                run.watcher.stop()
            for _, thread in self._runs.values():
                thread.join()
        self._server.close()
