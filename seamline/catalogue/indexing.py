"""One run over a source: what it does with every photo, in earnest or as a preview, and the removal of what the source
does not have.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from typing import TypeVar

from seamline.catalogue.checking import Checker
from seamline.catalogue.comparing import CheckedBatch, PendingItem, PendingPhoto
from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.journal import Journal
from seamline.catalogue.options import Options, RunContext
from seamline.catalogue.pipeline import Embedder, Listener, process_photos
from seamline.catalogue.progress import Progress, ProgressCounter
from seamline.catalogue.records import entry_of, rows_of
from seamline.catalogue.writer import Change, Writer
from seamline.client.many import Done
from seamline.client.results import Embedded
from seamline.client.retrying import Retrier, RetryPolicy
from seamline.core.errors import InternalError, InvalidArgument, SeamlineError, Unavailable
from seamline.core.image import decode
from seamline.index import PHOTO_DIGITS, Collection
from seamline.index.keys import CONTENT_DIGITS

R = TypeVar("R")


class _Run:
    """What both kinds of run share. `target` is None where there is no collection."""

    def __init__(self, target: Collection | None, journal: Journal, options: Options, context: RunContext) -> None:
        self._journal, self._options, self._photos = journal, options, context.photos
        self._retrier = Retrier(_milvus_policy(options.retry_seconds))
        self._counter = ProgressCounter(context.report, context.failures, context.count, self._retrier)
        self._checker = Checker(target, journal, context.photos, self._retrier, verify=options.verify)

    def _each(
        self, source: Iterable[Entry], work: Callable[[bytes], R], on_batch: Callable[[CheckedBatch], None]
    ) -> Generator[Done[PendingPhoto, R], None, None]:
        """What `work` makes of the bytes of every photo that is not stored as it is now."""
        listener = Listener(on_batch, self._counter.report)
        return process_photos(
            work, lambda pool: self._checker.batches(source, pool), self._photos, self._options.in_flight, listener
        )

    def _add_failures(self, done: Done[PendingPhoto, R]) -> None:
        self._counter.add_failures([Failure(str(done.error), pending.item) for pending in done.given.items])

    def _count_unlisted(self, target: Collection) -> None:
        unlisted, rows = find_unlisted(target, self._journal, self._retrier)
        self._counter.prune(unlisted, rows, even_most=self._options.prune_most)


class Indexing(_Run):
    """Embeds what is new, stores it, and removes what the source lacks where that is asked for."""

    def __init__(self, target: Collection, journal: Journal, options: Options, context: RunContext) -> None:
        super().__init__(target, journal, options, context)
        self._target = target
        self._writer = Writer(target, journal, self._retrier, options.batching)

    def run(self, source: Iterable[Entry], embedder: Embedder) -> Progress:
        """Do it. What is embedded already is stored also when the run ends early."""
        try:
            with closing(self._each(source, embedder.embed, self._add_batch)) as photos:
                for done in photos:
                    self._add_photo(done)
            self._writer.close(self._counter.report)
        except BaseException:
            self._retrier.stop()
            with suppress(SeamlineError):
                self._writer.close()
            raise
        if self._options.prune:
            self._count_unlisted(self._target)
            if self._counter.progress.removed:
                delete_unlisted(self._target, self._journal, self._retrier)
        return self._counter.finish()

    def _add_batch(self, checked: CheckedBatch) -> None:
        for change in checked.changes:
            self._writer.put(change, self._counter.report)
        self._counter.add_batch(checked)

    def _add_photo(self, done: Done[PendingPhoto, Embedded]) -> None:
        if done.result is None:
            self._add_failures(done)
            return
        self._target.check(done.result.versions.fingerprint)  # a server may reload its weights at any time
        codes = [warning.code for warning in done.result.warnings]
        for pending in done.given.items:
            try:
                change = _change(pending, done.given, done.result)
            except InvalidArgument as error:
                self._counter.add_failures([Failure(str(error), pending.item)])
                continue
            self._writer.put(change, self._counter.report)
            self._counter.add_photo(len(change.rows), codes, replaced=bool(change.stale))


class Preview(_Run):
    """Reads and decodes everything, and counts what would be done."""

    def __init__(self, target: Collection | None, journal: Journal, options: Options, context: RunContext) -> None:
        super().__init__(target, journal, options, context)
        self._target = target

    def run(self, source: Iterable[Entry]) -> Progress:
        """Do it."""
        with closing(self._each(source, decode, self._counter.add_batch)) as photos:
            for done in photos:
                if done.error is not None:
                    self._add_failures(done)
                    continue
                for pending in done.given.items:
                    self._counter.add_photo(None, replaced=bool(pending.stored))
        if self._options.prune and self._target is not None:
            self._count_unlisted(self._target)
        return self._counter.finish()


def _milvus_policy(seconds: float) -> RetryPolicy:
    """For a Milvus that is away, or whose disk is full, of which some versions tell as of a fault of their own."""
    return RetryPolicy(
        retries=None,
        seconds=seconds,
        timeouts=None,
        first_pause=0.5,
        longest_pause=10.0,
        errors=(Unavailable, InternalError),
    )


def _change(pending: PendingItem, photo: PendingPhoto, embedded: Embedded) -> Change:
    """What a photo's garments change. Raises InvalidArgument when a row cannot hold what is known of one."""
    rows = rows_of(pending.item, embedded)
    kept = {row.key for row in rows}
    entry = entry_of(pending.item, embedded.photo_sha256[:CONTENT_DIGITS], photo.stat, len(rows))
    return Change(pending.key, entry, rows, [key for key in pending.stored if key not in kept])


_BATCH = 1000


def find_unlisted(collection: Collection, journal: Journal, retrier: Retrier) -> tuple[int, int]:
    """Note in the journal which rows belong to photos that the source does not name. Returns their number, and of
    all."""
    return retrier.call(lambda: _note_unlisted(collection, journal))


def _note_unlisted(collection: Collection, journal: Journal) -> tuple[int, int]:
    unlisted = rows = 0
    for keys in _batches(collection.all_keys()):
        photos = journal.unlisted([_photo_of(key) for key in keys])
        found = [key for key in keys if _photo_of(key) in photos]
        journal.schedule_deletion(found)
        unlisted, rows = unlisted + len(found), rows + len(keys)
    return unlisted, rows


def delete_unlisted(collection: Collection, journal: Journal, retrier: Retrier) -> None:
    """Delete the rows that `find_unlisted` has noted. The journal forgets their photos first, so that it never claims
    what is no longer there."""
    for keys in _batches(journal.scheduled_deletions()):
        journal.forget({_photo_of(key) for key in keys})
        retrier.call(lambda keys=keys: collection.delete(keys))  # type: ignore[misc]
    retrier.call(collection.flush)


def _photo_of(key: str) -> bytes:
    return bytes.fromhex(key[:PHOTO_DIGITS])


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(itertools.islice(keys, _BATCH)):
        yield batch
