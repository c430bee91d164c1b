"""The work of a watch: looks at the listings whenever they have changed, and waits for parts that are away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

from seamline.client.many import Done, in_completion_order
from seamline.client.retrying import Retrier
from seamline.core.errors import Unavailable, Unsupported
from seamline.desk.model_server import ModelServer
from seamline.desk.pairs import Pair
from seamline.desk.store import Store
from seamline.desk.store.models import Watch
from seamline.desk.watching.looks import Looks
from seamline.desk.watching.noting import note_problem, note_screened
from seamline.desk.watching.options import OpenIndex, Options
from seamline.desk.watching.progress import Problem, Progress
from seamline.desk.watching.screening import Screen, garment_of, suspicious
from seamline.desk.watching.unscreened import number_screened, unscreened
from seamline.index import Collection
from seamline.index.pages import Row


class Watcher:
    """One watch at work. Another thread may ask for its `progress`, and `stop` it."""

    def __init__(
        self, store: Store, watch: Watch, server: ModelServer, open_index: OpenIndex, options: Options
    ) -> None:
        self._store, self._watch, self._server, self._open_index = store, watch, server, open_index
        self._options = options
        self._looks = Looks(options.slack, options.whole_every)
        self._progress = Progress()
        self._stopped = threading.Event()
        self._retrier = Retrier(options.retry)

    @property
    def progress(self) -> Progress:
        """Where it stands just now."""
        self._progress.waiting_for = self._progress.missing or self._retrier.waiting_for
        return self._progress

    def look(self) -> None:
        """Screen what is new, if anything has changed since the last look; waits while a part is away.

        Raises NotFound where a collection is gone, FingerprintMismatch where the originals are of other weights,
        Unsupported where the server states no probabilities.
        """
        tries = 0
        while not self._stopped.is_set():
            try:
                with closing(self._open_index()) as index:
                    self._look_at(index.open(self._watch.listings))
                return
            except Unavailable as error:
                tries += 1
                self._progress.missing = str(error)
                self._stopped.wait(self._options.patience.pause_before(tries))
            finally:
                self._progress.missing = ""

    def keep_looking(self, every: float) -> None:
        """Look every so many seconds until `stop`. Raises as `look` does."""
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(every)

    def stop(self) -> None:
        """End soon; what is under way and was not noted is screened by the next watch."""
        self._stopped.set()
        self._retrier.stop()

    def _look_at(self, listings: Collection) -> None:
        look = self._looks.due(listings)
        if look is None:
            return
        if look.since is None:
            self._progress.begin_whole(max(0, look.state.rows - number_screened(self._store, self._watch.id)))
        self._progress.looking = True
        try:
            self._screen(unscreened(self._store, self._watch.id, listings, look.since))
        finally:
            self._progress.looking = False
        if not self._stopped.is_set():
            self._looks.taken(look)

    def _screen(self, rows: Iterator[Row]) -> None:
        self._retrier = Retrier(self._options.retry)
        screen = Screen(self._server, self._watch.originals, self._options.photos, self._retrier)
        try:
            for done in in_completion_order(screen.pairs, rows, self._options.in_flight):
                self._note(done)
                if self._stopped.is_set():
                    return
        finally:
            self._retrier.stop()  # what waits for the server in other threads ends, too

    def _note(self, done: Done[Row, list[Pair]]) -> None:
        key, pairs = str(done.given["pk"]), done.result
        if pairs is None:
            listing, reason = garment_of(done.given), str(done.error)
            note_problem(self._store, self._watch, key, reason)
            self._progress.fail(Problem(listing.item, listing.photo, reason))
            return
        if pairs and all(pair.probability is None for pair in pairs):
            raise Unsupported("the server states no copy probabilities for its system, so nothing can be watched for")
        found = suspicious(pairs, self._watch.at_least)
        self._progress.suspects += note_screened(self._store, self._watch, key, found)
        self._progress.done += 1
