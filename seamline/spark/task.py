"""What an executor does with one partition: rows and journal anew, committed together where they differ."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seamline.catalogue.items import Entry
from seamline.spark.output import Output, garments_name
from seamline.spark.partition_file import PhotoResult, read_journal, read_partition, write_partition
from seamline.spark.photo_work import PhotoWork
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
