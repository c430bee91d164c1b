"""One photo after the other: taken over from what is committed where it has not changed, else embedded."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence

from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.metadata import digest
from seamline.catalogue.records import JournalEntry, entry_of, rows_of
from seamline.client import Client, Embedded
from seamline.client.many import in_given_order
from seamline.core.errors import FingerprintMismatch, SeamlineError
from seamline.index import Garment
from seamline.spark.partition_file import Committed, PhotoRecord, PhotoResult
from seamline.spark.plan import Plan
from seamline.spark.service import Service


class PhotoWork:
    """What an attempt at a partition does with each of its entries, compared with what is committed."""

    def __init__(self, plan: Plan, service: Service) -> None:
        self._plan, self._service, self._reader = plan, service, service.reader()

    def is_done(self, entry: Entry, committed: Committed) -> bool:
        """Whether the entry is committed as it is now, as far as the stat of the photo's file tells."""
        if isinstance(entry, Failure) or self._service.verify:
            return False
        record = committed.records.get(entry.pair)
        if record is None or record.failure is not None:
            return False
        try:
            content = record.entry.content_at(self._reader.stat(entry.photo))
        except SeamlineError:
            return False
        return content is not None and record.entry.metadata == digest(entry.metadata)

    def results(self, entries: Sequence[Entry], committed: Committed) -> Iterator[PhotoResult]:
        """What becomes of the entries, in their order; several are worked on at a time.

        Raises Unavailable when the server stays away, FingerprintMismatch when it has come to run other weights.
        """
        with self._service.client(batch=True) as client:

            def work(entry: Entry) -> PhotoResult | None:
                return self._result(entry, committed, client) if isinstance(entry, Item) else None

            for done in in_given_order(work, entries, self._service.in_flight):
                yield done.result or _failed(_failure(done.given, done.error), committed)

    def _result(self, item: Item, committed: Committed, client: Client) -> PhotoResult:
        known = committed.records.get(item.pair, PhotoRecord(*item.pair)).entry
        stat = self._reader.stat(item.photo)
        content = None if self._service.verify else known.content_at(stat)
        if content is None:
            data = self._reader.read(item.photo)
            content = hashlib.sha256(data).hexdigest()
            if content != known.content:
                rows = rows_of(item, self._checked(client.embed(data)))
                return _result(item, entry_of(item, content, stat, len(rows)), rows, is_new=True)
        rows = [dataclasses.replace(row, metadata=item.metadata) for row in committed.garments.get(item.pair, ())]
        return _result(item, entry_of(item, content, stat, len(rows)), rows, is_new=False)

    def _checked(self, embedded: Embedded) -> Embedded:
        found = embedded.versions.fingerprint
        if found != self._plan.fingerprint:
            raise FingerprintMismatch(
                f"the server has come to run the weights {found} and OUT holds vectors of {self._plan.fingerprint}; "
                "serve those again, or name another folder"
            )
        return embedded


def _result(item: Item, entry: JournalEntry, rows: Sequence[Garment], *, is_new: bool) -> PhotoResult:
    return PhotoResult(PhotoRecord(*item.pair, entry), rows, is_new)


def _failed(failure: Failure, committed: Committed) -> PhotoResult:
    """What is committed of the photo stays as it is; a share that is away for a moment must not empty a partition."""
    item = failure.item
    if item is None:
        return PhotoResult(PhotoRecord("", "", failure=failure.reason, place=failure.place))
    known = committed.records.get(item.pair, PhotoRecord(*item.pair))
    record = dataclasses.replace(known, failure=failure.reason, place=item.place)
    return PhotoResult(record, committed.garments.get(item.pair, ()))


def _failure(entry: Entry, error: SeamlineError | None) -> Failure:
    return entry if isinstance(entry, Failure) else Failure(str(error), entry)
