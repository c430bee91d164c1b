"""What of a source is still to be done, found in batches: from the journal, from Milvus and from the files."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from seamline.catalogue.comparing import CheckedBatch, KnownPhoto, decide
from seamline.catalogue.items import Entry, Failure, Item, problem_of
from seamline.catalogue.journal import Journal
from seamline.catalogue.photos import FileStat, PhotoReader
from seamline.catalogue.records import rows_with_new_metadata, stored_digests
from seamline.catalogue.writer import Change
from seamline.client.retrying import Retrier
from seamline.core.errors import BadPhoto, SeamlineError
from seamline.index import Collection, photo_key
from seamline.index.keys import CONTENT_DIGITS

_BATCH = 512


class Checker:
    """Compares a source with a collection, None for one that is still to be made.

    `verify`: compare every photo's content and its rows' metadata, whatever the journal says.
    """

    def __init__(
        self, collection: Collection | None, journal: Journal, photos: PhotoReader, retrier: Retrier, *, verify: bool
    ) -> None:
        self._collection, self._journal = collection, journal
        self._photos, self._retrier, self._verify = photos, retrier, verify

    def batches(self, source: Iterable[Entry], pool: Executor) -> Iterator[CheckedBatch]:
        """The source, batch by batch; `pool` reads the photos whose content must be compared.

        What the source has yielded before an error is checked before the error is raised.
        """
        entries = iter(source)
        while True:
            batch, error = _next_batch(entries)
            if batch:
                yield self._check(batch, pool)
            if error is not None:
                raise error
            if len(batch) < _BATCH:
                return

    def _check(self, batch: Sequence[Entry], pool: Executor) -> CheckedBatch:
        checked = CheckedBatch(extra_photos=_extra_photos(batch))
        items = self._fresh(batch, checked)
        known = self._known(items, checked)
        unread = [one for one in known if self._must_read(one)]
        contents = dict(zip((one.key for one in unread), pool.map(self._content, unread), strict=True))
        outdated = [kept for one in known if (kept := decide(one, contents.get(one.key, one.known_content), checked))]
        self._update_metadata(outdated, checked)
        return checked

    def _fresh(self, batch: Sequence[Entry], checked: CheckedBatch) -> dict[bytes, Item]:
        """The batch's items by key, without those that cannot be stored and those that were seen before."""
        items: dict[bytes, Item] = {}
        refused: set[bytes] = set()
        for entry in batch:
            failure = entry if isinstance(entry, Failure) else problem_of(entry)
            if failure is not None:
                checked.failures.append(failure)
                refused |= _keys_of(failure)
            elif isinstance(entry, Item):
                key = _key(entry)
                checked.repeated += key in items
                items.setdefault(key, entry)
        self._journal.add_refused(refused)
        fresh = self._journal.add_seen(list(items))
        checked.repeated += len(items) - len(fresh)
        return {key: item for key, item in items.items() if key in fresh}

    def _known(self, items: Mapping[bytes, Item], checked: CheckedBatch) -> list[KnownPhoto]:
        stats = self._stats(items, checked)
        entries = self._journal.entries(list(stats))
        stored = self._stored([items[key] for key in stats])
        unsure = [items[key] for key in stats if self._verify or key not in entries]
        digests = self._digests([item for item in unsure if item.pair in stored])
        return [
            KnownPhoto(
                item=items[key],
                key=key,
                stat=stat,
                entry=entries.get(key),
                stored=stored.get(items[key].pair, ()),
                stored_metadata=digests.get(items[key].pair, entries[key].metadata if key in entries else None),
            )
            for key, stat in stats.items()
        ]

    def _stats(self, items: Mapping[bytes, Item], checked: CheckedBatch) -> dict[bytes, FileStat]:
        stats = {}
        for key, item in items.items():
            try:
                stats[key] = self._photos.stat(item.photo)
            except BadPhoto as error:
                checked.failures.append(Failure(str(error), item))
        return stats

    def _stored(self, items: Sequence[Item]) -> dict[tuple[str, str], list[str]]:
        collection = self._collection
        if collection is None or not items:
            return {}
        return self._retrier.call(lambda: collection.stored([item.pair for item in items]))

    def _digests(self, items: Sequence[Item]) -> dict[tuple[str, str], bytes]:
        collection = self._collection
        if collection is None or not items:
            return {}
        return self._retrier.call(lambda: stored_digests(collection, items))

    def _must_read(self, one: KnownPhoto) -> bool:
        """Whether there is something to compare with, and only the content can tell."""
        return (self._verify or one.known_content is None) and one.is_comparable()

    def _content(self, one: KnownPhoto) -> str | BadPhoto:
        try:
            return self._photos.digest(one.item.photo)[:CONTENT_DIGITS]
        except BadPhoto as error:
            return error

    def _update_metadata(self, kept: Sequence[tuple[Item, Change]], checked: CheckedBatch) -> None:
        """Let the rows of these items take over the metadata that the source has now."""
        checked.metadata_updated += len(kept)
        collection = self._collection
        if collection is None or not kept:
            return
        rows = self._retrier.call(lambda: rows_with_new_metadata(collection, [item for item, _ in kept]))
        checked.changes += [replace(change, rows=rows.get(item.pair, ())) for item, change in kept]


def _next_batch(entries: Iterator[Entry]) -> tuple[list[Entry], SeamlineError | None]:
    """The next entries, fewer at the end of the source, and the error that ended it."""
    batch: list[Entry] = []
    try:
        batch.extend(itertools.islice(entries, _BATCH))
    except SeamlineError as error:
        return batch, error
    return batch, None


def _extra_photos(batch: Sequence[Entry]) -> int:
    return sum(bool(before.place) and before.place == after.place for before, after in itertools.pairwise(batch))


def _key(item: Item) -> bytes:
    return bytes.fromhex(photo_key(item.item, item.photo))


def _keys_of(refused: Failure) -> set[bytes]:
    """The key under which a refused item may be stored from earlier runs."""
    try:
        return set() if refused.item is None else {_key(refused.item)}
    except UnicodeEncodeError:
        return set()
