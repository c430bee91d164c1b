"""After all partitions are committed: what is there now, each partition's failures as a file of their own, and what the
run did.

Counts are taken from the committed files, so that they cannot disagree with them.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from seamline.spark.output import Output, failures_name
from seamline.spark.partition_file import PhotoRecord, read_journal
from seamline.spark.plan import Plan
from seamline.spark.task import PartitionResult

FAILURES = pa.schema(
    [
        pa.field("item", pa.string()),
        pa.field("photo", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
    ]
)
"""Columns of a failures file; item and photo are null where a row of the manifest could not be read."""


@dataclasses.dataclass(frozen=True)
class PartitionCounts:
    """What is committed of a partition: photos, those without garment and those that failed, and garments."""

    partition: int
    commit: str
    photos: int
    garments: int
    without_garment: int
    failed: int


def finalize(output: Output, partition: int) -> PartitionCounts:
    """Count a partition and put its failures file in place, or away where nothing has failed."""
    committed = read_journal(output, partition)
    records = list(committed.records.values())
    failed = [record for record in records if record.failure is not None]
    _put_failures(output, partition, failed)
    return PartitionCounts(
        partition=partition,
        commit=committed.commit,
        photos=len(records),
        garments=sum(record.entry.garments for record in records),
        without_garment=sum(record.failure is None and record.entry.garments == 0 for record in records),
        failed=len(failed),
    )


def _put_failures(output: Output, partition: int, failed: Sequence[PhotoRecord]) -> None:
    if not failed:
        output.remove(failures_name(partition))
        return
    rows = [
        {"item": record.item or None, "photo": record.photo or None, "reason": record.failure, "place": record.place}
        for record in failed
    ]
    with tempfile.TemporaryDirectory(prefix="seamline-partition-") as folder:
        file = Path(folder) / "failures.parquet"
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows, FAILURES), file)
        output.put(failures_name(partition), file)


@dataclasses.dataclass(frozen=True)
class Summary:
    """Counts of photos, each once per item, and of garments.

    `rows`: of the manifest. `embedded`, `kept`: by this run, and from earlier ones. `repeated`: named again by the
    manifest, and left out. `failed`: photos and rows that could not be used now; `garments` includes what
    earlier runs have embedded of them.
    """

    fingerprint: str
    parts: int
    dimension: int
    partitions: int
    rows: int
    photos: int
    embedded: int
    kept: int
    repeated: int
    failed: int
    without_garment: int
    garments: int
    seconds: float

    @classmethod
    def of(
        cls, plan: Plan, rows: int, done: Sequence[PartitionResult], counts: Sequence[PartitionCounts], seconds: float
    ) -> Summary:
        """From what the tasks did and what is committed."""
        return cls(
            **dataclasses.asdict(plan),
            rows=rows,
            photos=_sum(counts, "photos"),
            embedded=_sum(done, "embedded"),
            kept=_sum(done, "kept"),
            repeated=_sum(done, "repeated"),
            failed=_sum(counts, "failed"),
            without_garment=_sum(counts, "without_garment"),
            garments=_sum(counts, "garments"),
            seconds=round(seconds, 3),
        )

    def to_json(self) -> str:
        """For programs, and for summary.json."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    def to_text(self) -> str:
        """For people."""
        lines = [
            f"{self.photos:,} photos with {self.garments:,} garments in {self.partitions:,} partitions: "
            f"{self.embedded:,} embedded in {self.seconds:.1f} s, {self.kept:,} were there already"
        ]
        for count, what in (
            (self.repeated, "named more than once count once"),
            (self.without_garment, "show no garment"),
            (self.failed, "failed; OUT/failures says why"),
        ):
            if count:
                lines.append(f"{count:,} {what}")
        return "\n".join(lines) + "\n"


def _sum(things: Sequence[Any], name: str) -> int:
    return sum(getattr(thing, name) for thing in things)
