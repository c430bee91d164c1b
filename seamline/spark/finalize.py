"""After all partitions are committed: what is there now, and each partition's failures as a file of their own.

Everything is taken from the committed files, so that it cannot disagree with them.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from seamline.spark.output import Output, failures_name
from seamline.spark.partition_file import PhotoRecord, read_journal

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
