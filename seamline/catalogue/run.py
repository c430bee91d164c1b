"""From a source to a collection: check, read, embed, store; or say what that would do."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from seamline.catalogue.checking import Checker
from seamline.catalogue.comparing import CheckedBatch, PendingItem, PendingPhoto
from seamline.catalogue.items import Entry, Failure
from seamline.catalogue.journal import Journal
from seamline.catalogue.options import DEFAULT_CONTEXT, DEFAULT_OPTIONS, Options, RunContext
from seamline.catalogue.pipeline import Embedder, Listener, process_photos
from seamline.catalogue.progress import Progress, ProgressCounter
from seamline.catalogue.pruning import delete_unlisted, find_unlisted
from seamline.catalogue.records import entry_of, rows_of
from seamline.catalogue.writer import Change, Writer
from seamline.client.address import state_folder
from seamline.client.many import Done
from seamline.client.results import Embedded
from seamline.client.retrying import Retrier, RetryPolicy
from seamline.core.errors import InternalError, InvalidArgument, NotFound, SeamlineError, Unavailable
from seamline.core.image import decode
from seamline.index import Collection, Index
from seamline.index.keys import CONTENT_DIGITS


def journal_path(collection: Collection) -> Path:
    """Where the journal of a collection is, unless another file is named."""
    return state_folder() / "journals" / f"{collection.physical}.sqlite"


def index_items(
    source: Iterable[Entry],
    embedder: Embedder,
    index: Index,
    collection: str,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """Embed the photos of `source` and store their garments in `collection`, which is made when it is missing.

    Raises FingerprintMismatch when the collection holds vectors of other weights, Unavailable when a part of the
    service stays away; what was stored until then stays, and the next run goes on from there.
    """
    versions = embedder.versions()
    target = index.open_or_create(collection, versions.fingerprint, int(versions.raw["dimension"]))
    return index_into(source, embedder, target, options, context)


def index_into(
    source: Iterable[Entry],
    embedder: Embedder,
    target: Collection,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """As `index_items`, into a collection that is open already."""
    with Journal(context.journal or journal_path(target), target.physical) as journal:
        return _Indexing(target, journal, options, context).run(source, embedder)


def preview_items(
    source: Iterable[Entry],
    embedder: Embedder,
    index: Index,
    collection: str,
    options: Options = DEFAULT_OPTIONS,
    context: RunContext = DEFAULT_CONTEXT,
) -> Progress:
    """What `index_items` would do: every photo is read and decoded, nothing is embedded, stored or removed.

    `garments` stays 0, for only embedding tells; `removed` counts what would be.
    """
    fingerprint = embedder.versions().fingerprint
    target = _existing(index, collection, fingerprint)
    path = context.journal
    if target is not None:
        target.check(fingerprint)
        path = path or journal_path(target)
    with Journal(path, target.physical if target else "", read_only=True) as journal:
        return _Preview(target, journal, options, context).run(source)


def _existing(index: Index, collection: str, fingerprint: str) -> Collection | None:
    try:
        return index.open(collection, fingerprint)
    except NotFound:
        return None


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


class _Indexing:
    """One run."""

    def __init__(self, target: Collection, journal: Journal, options: Options, context: RunContext) -> None:
        self._target, self._journal, self._options, self._context = target, journal, options, context
        self._retrier = Retrier(_milvus_policy(options.retry_seconds))
        self._counter = ProgressCounter(context.report, context.failures, context.count, self._retrier)
        self._writer = Writer(target, journal, self._retrier, options.batching)

    def run(self, source: Iterable[Entry], embedder: Embedder) -> Progress:
        """Do it. What is embedded already is stored also when the run ends early."""
        options, photos = self._options, self._context.photos
        checker = Checker(self._target, self._journal, photos, self._retrier, verify=options.verify)
        listener = Listener(self._checked, self._counter.report)
        try:
            with closing(
                process_photos(
                    embedder.embed, lambda pool: checker.batches(source, pool), photos, options.in_flight, listener
                )
            ) as embedded:
                for done in embedded:
                    self._take(done)
            self._writer.close(self._counter.report)
        except BaseException:
            self._retrier.stop()
            with suppress(SeamlineError):
                self._writer.close()
            raise
        if options.prune:
            self._prune()
        return self._counter.finish()

    def _checked(self, checked: CheckedBatch) -> None:
        for change in checked.changes:
            self._writer.put(change, self._counter.report)
        self._counter.add_batch(checked)

    def _take(self, done: Done[PendingPhoto, Embedded]) -> None:
        if done.result is None:
            self._counter.add_failures([Failure(str(done.error), pending.item) for pending in done.given.items])
            return
        self._target.check(done.result.versions.fingerprint)  # a server may reload its weights at any time
        for pending in done.given.items:
            try:
                change = _change(pending, done.given, done.result)
            except InvalidArgument as error:
                self._counter.add_failures([Failure(str(error), pending.item)])
                continue
            self._writer.put(change, self._counter.report)
            self._counter.add_photo(len(change.rows), replaced=bool(change.stale))

    def _prune(self) -> None:
        unlisted, rows = find_unlisted(self._target, self._journal, self._retrier)
        self._counter.prune(unlisted, rows, even_most=self._options.prune_most)
        if self._counter.progress.removed:
            delete_unlisted(self._target, self._journal, self._retrier)


class _Preview:
    """What a run would do."""

    def __init__(self, target: Collection | None, journal: Journal, options: Options, context: RunContext) -> None:
        self._target, self._journal, self._options, self._context = target, journal, options, context
        self._retrier = Retrier(_milvus_policy(options.retry_seconds))
        self._counter = ProgressCounter(context.report, context.failures, context.count, self._retrier)

    def run(self, source: Iterable[Entry]) -> Progress:
        """Read and decode everything."""
        options, photos = self._options, self._context.photos
        checker = Checker(self._target, self._journal, photos, self._retrier, verify=options.verify)
        listener = Listener(self._counter.add_batch, self._counter.report)
        with closing(
            process_photos(decode, lambda pool: checker.batches(source, pool), photos, options.in_flight, listener)
        ) as decoded:
            for done in decoded:
                self._take(done.given, done.error)
        if options.prune and self._target is not None:
            unlisted, rows = find_unlisted(self._target, self._journal, self._retrier)
            self._counter.prune(unlisted, rows, even_most=options.prune_most)
        return self._counter.finish()

    def _take(self, pending_photo: PendingPhoto, error: SeamlineError | None) -> None:
        if error is not None:
            self._counter.add_failures([Failure(str(error), pending.item) for pending in pending_photo.items])
            return
        for pending in pending_photo.items:
            self._counter.add_photo(None, replaced=bool(pending.stored))


def _change(pending: PendingItem, pending_photo: PendingPhoto, embedded: Embedded) -> Change:
    """What a photo's garments change. Raises InvalidArgument when a row cannot hold what is known of one."""
    rows = rows_of(pending.item, embedded)
    kept = {row.key for row in rows}
    entry = entry_of(pending.item, embedded.photo_sha256[:CONTENT_DIGITS], pending_photo.stat, len(rows))
    return Change(pending.key, entry, rows, [key for key in pending.stored if key not in kept])
