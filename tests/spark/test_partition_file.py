"""The journal in a partition's footer, in the form that output folders elsewhere have."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from seamline.catalogue import JournalEntry
from seamline.catalogue.photos import FileStat
from seamline.core.errors import InternalError
from seamline.index.parquet import write_rows
from seamline.spark.output import Output, garments_name
from seamline.spark.partition_file import FOOTER_KEY, PhotoRecord, PhotoResult, read_journal, write_partition
from seamline.spark.plan import Plan

PLAN = Plan(1, "0011223344556677", 5, 128)
FOOTER = (
    '[["", "", 0, 0, "", "", 0, "item is empty", "items.parquet, row 9"], '
    '["SKU-1", "/photos/1.jpg", 631, 1000000001000000000, "ab12", "5f00aa", 2, null, ""], '
    '["SKU-2", "/photos/2.jpg", 77, 1000000002000000000, "cd34", "", 1, "the photo cannot be read", "row 2"]]'
)
RECORDS = [
    PhotoRecord("", "", failure="item is empty", place="items.parquet, row 9"),
    PhotoRecord("SKU-1", "/photos/1.jpg", JournalEntry("ab12", FileStat(631, 10**18 + 10**9), 2, b"\x5f\x00\xaa")),
    PhotoRecord(
        "SKU-2",
        "/photos/2.jpg",
        JournalEntry("cd34", FileStat(77, 10**18 + 2 * 10**9), 1, b""),
        "the photo cannot be read",
        "row 2",
    ),
]


@pytest.fixture
def output(tmp_path: Path) -> Output:
    output = Output(str(tmp_path / "out"))
    output.begin()
    return output


def put(output: Output, footer: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "partition", PLAN.fingerprint, PLAN.shape, [], {FOOTER_KEY: footer})
    output.put(garments_name(0), tmp_path / "partition")


def test_the_journal_of_an_earlier_run_is_read(output: Output, tmp_path: Path) -> None:
    put(output, FOOTER, tmp_path)
    assert list(read_journal(output, 0).records.values()) == RECORDS


def test_a_journal_is_written_as_earlier_runs_read_it(tmp_path: Path) -> None:
    write_partition(tmp_path / "partition", PLAN, [PhotoResult(record) for record in RECORDS])
    assert pq.read_metadata(tmp_path / "partition").metadata[FOOTER_KEY.encode()].decode() == FOOTER


@pytest.mark.parametrize("footer", ["", "{", "[1]", json.dumps([["SKU-1", "/photos/1.jpg"]])])
def test_a_footer_that_holds_no_journal_is_said_so(output: Output, tmp_path: Path, footer: str) -> None:
    put(output, footer, tmp_path)
    with pytest.raises(InternalError, match="not readable; delete its file"):
        read_journal(output, 0)
