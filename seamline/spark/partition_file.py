"""A partition's Parquet file: the rows of a collection, and in its footer the partition's journal.

Rows and journal are thus one file, committed by one rename: no moment has the one without the other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from seamline.catalogue import JournalEntry
from seamline.catalogue.photos import FileStat
from seamline.core.errors import InternalError
from seamline.index import Garment
from seamline.index.parquet import read_rows, write_rows
from seamline.spark.output import Output, garments_name
from seamline.spark.plan import Plan

FOOTER_KEY = "seamline.photos"
"""Key of the Parquet file's metadata that holds the journal."""

Pair = tuple[str, str]
"""An item and its photo."""


@dataclasses.dataclass(frozen=True)
class PhotoRecord:
    """What became of one photo of an item, or of a row of the manifest that names none.

    `entry`: what its rows were made from. `failure`: why the photo could not be used now, None where all went well; its
    rows are then those from before, if any. `place`: of such a row of the manifest.
    """

    item: str
    photo: str
    entry: JournalEntry = dataclasses.field(default_factory=JournalEntry)
    failure: str | None = None
    place: str = ""

    @property
    def pair(self) -> Pair:
        """Item and photo; for a row that names none its place in the manifest stands in."""
        return self.item, self.photo or self.place

    def to_list(self) -> list[Any]:
        """As plain values, in the order of the file."""
        entry = self.entry
        stat, metadata = entry.stat, entry.metadata.hex()
        known = [stat.size, stat.mtime_ns, entry.content, metadata, entry.garments]
        return [self.item, self.photo, *known, self.failure, self.place]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> PhotoRecord:
        """The record of `to_list`. Raises TypeError, ValueError for something else."""
        item, photo, size, mtime_ns, content, metadata, garments, failure, place = values
        entry = JournalEntry(content, FileStat(size, mtime_ns), garments, bytes.fromhex(metadata))
        return cls(item, photo, entry, failure, place)


@dataclasses.dataclass(frozen=True)
class PhotoResult:
    """One photo's record and rows; `is_new` where they were embedded just now."""

    record: PhotoRecord
    garments: Sequence[Garment] = ()
    is_new: bool = False


@dataclasses.dataclass(frozen=True)
class Committed:
    """A partition as it is in the output. `commit`: identity of its journal, empty where the partition has no file.

    `garments`: the rows that the journal speaks of; none where it was read alone.
    """

    commit: str = ""
    records: Mapping[Pair, PhotoRecord] = dataclasses.field(default_factory=dict)
    garments: Mapping[Pair, Sequence[Garment]] = dataclasses.field(default_factory=dict)


def read_journal(output: Output, partition: int) -> Committed:
    """The journal of a partition; reads the file's footer alone. Raises InternalError when it is not one."""
    file = output.open(garments_name(partition))
    if file is None:
        return Committed()
    with file:
        return _journal(file)


def read_partition(output: Output, partition: int) -> Committed:
    """Journal and rows of a partition, both of one commit whatever is put in its place meanwhile."""
    file = output.open(garments_name(partition))
    if file is None:
        return Committed()
    with file:
        whole = file.read_buffer()  # in one piece: an object store answers every request from what is there then
    garments: dict[Pair, list[Garment]] = {}
    for garment in read_rows(pa.BufferReader(whole)):
        garments.setdefault((garment.item, garment.photo), []).append(garment)
    return dataclasses.replace(_journal(pa.BufferReader(whole)), garments=garments)


def write_partition(path: Path, plan: Plan, results: Iterable[PhotoResult]) -> str:
    """Write the photos' rows and records as a stream; returns the journal's identity."""
    records: list[PhotoRecord] = []
    footer: dict[str, str] = {}

    def rows() -> Iterator[Garment]:
        for result in results:
            records.append(result.record)
            yield from result.garments
        footer[FOOTER_KEY] = json.dumps([record.to_list() for record in records])

    write_rows(path, plan.fingerprint, plan.shape, rows(), footer)
    return _commit_id(footer[FOOTER_KEY])


def _journal(file: pa.NativeFile) -> Committed:
    footer = pyarrow.parquet.read_metadata(file).metadata or {}
    text = footer.get(FOOTER_KEY.encode(), b"").decode()
    try:
        records = [PhotoRecord.from_list(values) for values in json.loads(text)]
    except (TypeError, ValueError):
        raise InternalError("the journal of a partition is not readable; delete its file and start again") from None
    return Committed(_commit_id(text), {record.pair: record for record in records})


def _commit_id(text: str) -> str:
    """A digest of a journal: two attempts that found and did the same have the same one."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
