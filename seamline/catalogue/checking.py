"""What of a source is still to be done, found in batches: from the journal, from Milvus and from the files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.journal import Journal
from seamline.catalogue.metadata import rows_with_new_metadata, stored_digests
from seamline.catalogue.photos import URL_STAT, FileStat, PhotoReader
from seamline.catalogue.records import JournalEntry, entry_of
from seamline.catalogue.writer import Change
from seamline.client.retrying import Retrier
from seamline.core.errors import BadPhoto, SeamlineError
from seamline.index import MAX_ITEM, MAX_PHOTO, MAX_RECORD, PHOTO_DIGITS, Collection, photo_key
from seamline.index.keys import CONTENT_DIGITS

_BATCH = 512
_RECORD_BESIDES = 1000
"""Bytes of a record beside item, photo and metadata: boxes, sizes, digest."""


@dataclass(frozen=True)
class PendingItem:
    """An item that waits for its photo's garments. `stored`: keys of the rows that it has so far."""

    item: Item
    key: bytes
    stored: Sequence[str]


@dataclass(frozen=True)
class PendingPhoto:
    """A photo to embed, and the items of one batch that show it."""

    photo: str
    stat: FileStat
    items: list[PendingItem]


@dataclass
class CheckedBatch:
    """What became of one batch. `beyond_rows`: entries that are not the first of their row. `metadata_updated`: items
    whose rows only take over new metadata."""

    beyond_rows: int = 0
    skipped: int = 0
    repeated: int = 0
    metadata_updated: int = 0
    failures: list[Failure] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    pending_photos: dict[str, PendingPhoto] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    """An item whose garments are stored, and what is left to tidy up."""

    item: Item
    change: Change


@dataclass(frozen=True)
class _Known:
    """What is known of an item's photo before its content is looked at."""

    item: Item
    key: bytes
    stat: FileStat
    entry: JournalEntry | None
    stored: Sequence[str]
    stored_metadata: bytes | None

    @property
    def settled(self) -> str | None:
        """The content's digits, where the file need not be read to know them."""
        content = None if self.entry is None else self.entry.content_at(self.stat)
        if content is None and self.stat == URL_STAT and self.stored:
            return self.stored[0][PHOTO_DIGITS : PHOTO_DIGITS + CONTENT_DIGITS]
        return content


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
        checked = CheckedBatch(beyond_rows=_beyond_rows(batch))
        items = self._fresh(batch, checked)
        known = self._known(items, checked)
        unsettled = [one for one in known if self._must_read(one)]
        contents = dict(zip((one.key for one in unsettled), pool.map(self._content, unsettled), strict=True))
        outdated = [kept for one in known if (kept := _decide(one, contents.get(one.key, one.settled), checked))]
        self._update_metadata(outdated, checked)
        return checked

    def _fresh(self, batch: Sequence[Entry], checked: CheckedBatch) -> dict[bytes, Item]:
        """The batch's items by key, without those that cannot be stored and those that were met before."""
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

    def _known(self, items: Mapping[bytes, Item], checked: CheckedBatch) -> list[_Known]:
        stats = self._stats(items, checked)
        entries = self._journal.entries(list(stats))
        stored = self._stored([items[key] for key in stats])
        unsure = [items[key] for key in stats if self._verify or key not in entries]
        digests = self._digests([item for item in unsure if _pair(item) in stored])
        return [
            _Known(
                item=items[key],
                key=key,
                stat=stat,
                entry=entries.get(key),
                stored=stored.get(_pair(items[key]), ()),
                stored_metadata=digests.get(_pair(items[key]), entries[key].metadata if key in entries else None),
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
        return self._retrier.call(lambda: collection.stored([_pair(item) for item in items]))

    def _digests(self, items: Sequence[Item]) -> dict[tuple[str, str], bytes]:
        collection = self._collection
        if collection is None or not items:
            return {}
        return self._retrier.call(lambda: stored_digests(collection, items))

    def _must_read(self, one: _Known) -> bool:
        """Whether there is something to compare with, and only the content can tell."""
        return (self._verify or one.settled is None) and (bool(one.stored) or one.entry is not None)

    def _content(self, one: _Known) -> str | BadPhoto:
        try:
            return self._photos.digest(one.item.photo)[:CONTENT_DIGITS]
        except BadPhoto as error:
            return error

    def _update_metadata(self, kept: Sequence[_Kept], checked: CheckedBatch) -> None:
        """Let the rows of these items take over the metadata that the source has now."""
        checked.metadata_updated += len(kept)
        collection = self._collection
        if collection is None or not kept:
            return
        rows = self._retrier.call(lambda: rows_with_new_metadata(collection, [one.item for one in kept]))
        checked.changes += [replace(one.change, rows=rows.get(_pair(one.item), ())) for one in kept]


def _next_batch(entries: Iterator[Entry]) -> tuple[list[Entry], SeamlineError | None]:
    """The next entries, fewer at the end of the source, and the error that ended it."""
    batch: list[Entry] = []
    try:
        batch.extend(itertools.islice(entries, _BATCH))
    except SeamlineError as error:
        return batch, error
    return batch, None


def _decide(one: _Known, content: str | BadPhoto | None, checked: CheckedBatch) -> _Kept | None:
    """Note what is to be done for an item; returned is one whose rows must take over new metadata."""
    if isinstance(content, BadPhoto):
        checked.failures.append(Failure(str(content), one.item))
        return None
    if content is None or not _is_complete(one, content):
        pending_photo = checked.pending_photos.setdefault(one.item.photo, PendingPhoto(one.item.photo, one.stat, []))
        pending_photo.items.append(PendingItem(one.item, one.key, one.stored))
        return None
    current = _of_content(one, content)
    entry = entry_of(one.item, content, one.stat, len(current))
    change = Change(one.key, entry, stale=[key for key in one.stored if key not in current])
    if current and one.stored_metadata != entry.metadata:
        return _Kept(one.item, change)
    checked.skipped += 1
    if change.stale or entry != one.entry:
        checked.changes.append(change)
    return None


def _is_complete(one: _Known, content: str) -> bool:
    """Whether all garments of the photo with this content are stored. Without an entry any row says so: a photo's rows
    are written by one call."""
    count = len(_of_content(one, content))
    if one.entry is None or one.entry.content != content:
        return count > 0
    return count == one.entry.garments


def _of_content(one: _Known, content: str) -> set[str]:
    return {key for key in one.stored if key[PHOTO_DIGITS : PHOTO_DIGITS + CONTENT_DIGITS] == content}


def _beyond_rows(batch: Sequence[Entry]) -> int:
    return sum(bool(before.place) and before.place == after.place for before, after in itertools.pairwise(batch))


def _pair(item: Item) -> tuple[str, str]:
    return item.item, item.photo


def _key(item: Item) -> bytes:
    return bytes.fromhex(photo_key(item.item, item.photo))


def _keys_of(refused: Failure) -> set[bytes]:
    """The key under which a refused item may be stored from earlier runs."""
    try:
        return set() if refused.item is None else {_key(refused.item)}
    except UnicodeEncodeError:
        return set()


def problem_of(item: Item) -> Failure | None:
    """Why an item cannot be stored, None when it can."""
    reason = _reason(item)
    return None if reason is None else Failure(reason, item)


def _reason(item: Item) -> str | None:
    try:
        about = json.dumps([item.item, item.photo, dict(item.metadata)], ensure_ascii=False).encode()
        lengths = len(item.item.encode()), len(item.photo.encode())
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    if "\0" in item.item or "\0" in item.photo:
        return "its item id or its photo has a NUL character"
    if lengths[0] > MAX_ITEM:
        return f"its item id is longer than {MAX_ITEM:,} bytes"
    if lengths[1] > MAX_PHOTO:
        return f"its path is longer than {MAX_PHOTO:,} bytes"
    if len(about) > MAX_RECORD - _RECORD_BESIDES:
        return f"its metadata takes more than the {MAX_RECORD:,} bytes that a row holds; leave columns out"
    return None
