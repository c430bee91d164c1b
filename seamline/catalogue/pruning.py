"""Removing what a collection has and its source does not."""

from __future__ import annotations

from collections.abc import Iterator

from seamline.catalogue.journal import Journal
from seamline.client.retrying import Retrier
from seamline.index import PHOTO_DIGITS, Collection

_BATCH = 1000


def find_unlisted(collection: Collection, journal: Journal, retrier: Retrier) -> tuple[int, int]:
    """Note in the journal which rows belong to photos that the source does not name. Returns their number, and of
    all."""
    return retrier.call(lambda: _found(collection, journal))


def _found(collection: Collection, journal: Journal) -> tuple[int, int]:
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
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
