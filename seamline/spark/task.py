"""What an executor does with one partition: rows and journal anew, committed together where they differ.

Every photo is taken over from what is committed where it has not changed, else embedded.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seamline.catalogue.items import Entry, Failure, Item
from seamline.catalogue.records import JournalEntry, digest, entry_of, rows_of
from seamline.client import Client, Embedded
from seamline.client.many import in_given_order
from seamline.core.errors import FingerprintMismatch, SeamlineError
from seamline.index import Garment
from seamline.spark.output import Output, garments_name
from seamline.spark.partition_file import (
    Committed,
    PhotoRecord,
    PhotoResult,
    read_journal,
    read_partition,
    write_partition,
)
from seamline.spark.plan import Plan
from seamline.spark.service import Service


@dataclasses.dataclass
class PartitionResult:
    """A partition after a task: the identity of its journal, empty where it holds nothing, and what had to be done.

    `repeated`: rows of the manifest that named what an earlier row had named.
    """

    partition: int
    commit: str
    embedded: int = 0
    kept: int = 0
    repeated: int = 0


@dataclasses.dataclass(frozen=True)
class EmbedPartition:
    """Brings a partition's file to what its entries, each (item, photo) once, say."""

    plan: Plan
    service: Service
    output: Output

    def __call__(self, partition: int, entries: Sequence[Entry]) -> PartitionResult:
        """Nothing is written where all is so already.

        Raises Unavailable when the server stays away too long, FingerprintMismatch when it has come to
        run other weights; the partition then is as it was.
        """
        committed, work = read_journal(self.output, partition), PhotoWork(self.plan, self.service)
        if not entries:
            self.output.remove(garments_name(partition))
            return PartitionResult(partition, "")
        if len(entries) == len(committed.records) and all(work.is_done(entry, committed) for entry in entries):
            return PartitionResult(partition, committed.commit, kept=len(entries))
        # Another attempt may have committed since the journal was read.
        committed = read_partition(self.output, partition)
        done = PartitionResult(partition, committed.commit)
        with tempfile.TemporaryDirectory(prefix="seamline-partition-") as folder:
            file = Path(folder) / "new.parquet"
            done.commit = write_partition(file, self.plan, _counted(work.results(entries, committed), done))
            if done.commit != committed.commit:
                self.output.put(garments_name(partition), file)
        return done


def _counted(results: Iterable[PhotoResult], done: PartitionResult) -> Iterator[PhotoResult]:
    for result in results:
        done.embedded += result.is_new
        done.kept += not result.is_new and result.record.failure is None
        yield result


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
