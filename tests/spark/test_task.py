from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.catalogue import Downloader
from seamline.catalogue.items import Entry, Failure, Item
from seamline.core.errors import FingerprintMismatch, Unavailable
from seamline.index.parquet import FOOTER, read_header
from seamline.spark.finalize import finalize
from seamline.spark.manifest import ReadFile, without_repeats
from seamline.spark.output import Output
from seamline.spark.partition_file import FOOTER_KEY, read_partition
from seamline.spark.plan import Plan
from seamline.spark.service import Service
from seamline.spark.task import EmbedPartition
from tests.spark.listing import Listing, failures_of, files_of, garments_of
from tests.support.scenes import VERSIONS

PLAN = Plan(1, str(VERSIONS["fingerprint"]), 5, 128)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def embed(listing: Listing, out: Path) -> EmbedPartition:
    output = Output(str(out))
    output.begin()
    return EmbedPartition(PLAN, Service(listing.server.address, retry_seconds=0.5), output)


def entries(listing: Listing) -> list[Entry]:
    read = ReadFile(PLAN, listing.folder)((0, str(listing.manifest)))
    return without_repeats(positioned for _, positioned in read)[0]


def records_of(out: Path) -> dict[str, str]:
    """What the rows say, by key."""
    return {row.key: row.record for row in garments_of(out)}


def test_a_part_holds_every_garment_once_in_the_order_of_item_photo_and_number(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    done = embed(0, entries(listing.add(30)))

    found = garments_of(out)
    assert (done.embedded, done.kept) == (30, 0)
    assert len(found) == listing.garments
    assert [(row.item, row.photo, row.number) for row in found] == sorted(
        (row.item, row.photo, row.number) for row in found
    )
    assert found[0].metadata == {"seller": "shop 1"}
    assert read_header(out / "garments" / "part-00000.parquet").fingerprint == PLAN.fingerprint


def test_a_part_that_is_finished_is_neither_asked_for_nor_written_again(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    first = embed(0, entries(listing.add(10)))
    calls, file = len(listing.server.calls), out / "garments" / "part-00000.parquet"
    before = file.stat().st_ino

    again = embed(0, entries(listing))

    assert (again.embedded, again.kept, again.commit) == (0, 10, first.commit)
    assert len(listing.server.calls) == calls
    assert file.stat().st_ino == before


def test_a_part_of_an_earlier_format_is_read_on(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    """It had a column `regions`, boxes of regions, and no number of parts."""
    embed(0, entries(listing.add(6)))
    rows, calls = records_of(out), len(listing.server.calls)
    into_earlier_format(out / "garments" / "part-00000.parquet")

    assert embed(0, entries(listing)).kept == 6
    done = embed(0, entries(listing.add(1)))

    assert (done.embedded, done.kept, len(listing.server.calls)) == (1, 6, calls + 1)
    assert records_of(out) == rows


def into_earlier_format(file: Path) -> None:
    table = pq.read_table(file)
    metadata = {FOOTER_KEY: pq.read_metadata(file).metadata[FOOTER_KEY.encode()]}
    told = json.loads(table.schema.metadata[FOOTER])
    told = {key: value for key, value in told.items() if key not in ("check", "parts")}
    told |= {"format": 1, "regions": ["collar", "chest", "waist", "left_sleeve", "right_sleeve"]}
    told["check"] = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    metadata |= {FOOTER: json.dumps(told).encode()}
    records = [record.as_py().replace('"part_boxes"', '"region_boxes"') for record in table["record"]]
    table = table.set_column(table.column_names.index("record"), table.schema.field("record"), [records])
    table = table.rename_columns(["regions" if name == "parts" else name for name in table.column_names])
    pq.write_table(table.replace_schema_metadata(metadata), file, write_page_checksum=True)


def test_two_attempts_at_a_part_write_the_same_bytes(listing: Listing, embed: EmbedPartition, tmp_path: Path) -> None:
    other = dataclasses.replace(embed, output=Output(str(tmp_path / "other")))
    other.output.begin()
    wanted = entries(listing.add(20))

    assert embed(0, wanted).commit == other(0, wanted).commit
    assert files_of(tmp_path / "out") == files_of(tmp_path / "other")


def test_only_a_changed_photo_and_a_new_one_are_embedded(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    embed(0, entries(listing.add(12)))
    before = {row.key for row in garments_of(out)}
    listing.show(4, seed=77)

    done = embed(0, entries(listing.add(1)))

    after = garments_of(out)
    assert (done.embedded, done.kept) == (2, 11)
    assert {row.photo for row in after if row.key not in before} == {
        str(listing.folder / "4.jpg")
    }  # photo 12 shows no garment
    assert len(after) == listing.garments


def test_a_photo_whose_file_was_touched_is_read_but_not_embedded(listing: Listing, embed: EmbedPartition) -> None:
    embed(0, entries(listing.add(4)))
    os.utime(listing.folder / "1.jpg")

    assert embed(0, entries(listing)).embedded == 0


def test_a_content_that_changed_behind_an_equal_stamp_is_found_by_verifying(
    listing: Listing, embed: EmbedPartition
) -> None:
    embed(0, entries(listing.add(4)))
    path = listing.folder / "1.jpg"
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    verifying = dataclasses.replace(embed, service=dataclasses.replace(embed.service, verify=True))

    assert embed(0, entries(listing)).embedded == 0
    assert verifying(0, entries(listing)).embedded == 1


def test_rows_take_over_new_metadata_without_the_photo(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    embed(0, entries(listing.add(6)))
    calls = len(listing.server.calls)
    listing.rows[1]["seller"] = "another"

    done = embed(0, entries(listing))

    assert (done.embedded, len(listing.server.calls)) == (0, calls)
    assert [row.metadata["seller"] for row in garments_of(out) if row.photo.endswith("/1.jpg")] == ["another"]
    assert len(garments_of(out)) == listing.garments


def test_what_the_manifest_no_longer_names_goes(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    embed(0, entries(listing.add(6)))
    del listing.rows[2:]

    embed(0, entries(listing))
    assert {row.item for row in garments_of(out)} == {"item 0"}

    embed(0, [])
    assert files_of(out) == {}


def test_photos_that_fail_are_told_beside_the_rows_and_tried_again(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    listing.add(5)
    (listing.folder / "1.jpg").unlink()
    (listing.folder / "2.jpg").write_bytes(b"no photo")
    wanted = [*entries(listing), Failure("item is empty", place="items.parquet, row 9")]

    embed(0, wanted)
    counts = finalize(embed.output, 0)

    assert (counts.photos, counts.failed, counts.without_garment) == (6, 3, 2)
    told = {Path(row["photo"] or "").name: row["reason"] for row in failures_of(out)}
    assert told["1.jpg"] == "the photo cannot be read: No such file or directory"
    assert told["2.jpg"] == "the file is not a JPEG, PNG or WebP photo"
    assert told[""] == "item is empty"

    listing.show(1, seed=1)
    listing.show(2, seed=2)
    assert embed(0, entries(listing)).embedded == 2
    assert finalize(embed.output, 0).failed == 0
    assert failures_of(out) == []


def test_photos_that_are_away_for_a_moment_keep_their_rows_and_are_not_embedded_again(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    wanted = entries(listing.add(6))
    embed(0, wanted)
    before, rows, calls = files_of(out), records_of(out), len(listing.server.calls)
    away = listing.folder.rename(listing.folder.with_name("not mounted"))

    without = embed(0, wanted)
    counts = finalize(embed.output, 0)

    assert records_of(out) == rows
    assert (without.embedded, without.kept) == (0, 0)
    assert (counts.photos, counts.failed, counts.without_garment, counts.garments) == (6, 6, 0, listing.garments)
    assert {row["reason"] for row in failures_of(out)} == {"the photo cannot be read: No such file or directory"}

    away.rename(listing.folder)
    again = embed(0, wanted)

    assert (again.embedded, again.kept, len(listing.server.calls)) == (0, 6, calls)
    assert finalize(embed.output, 0).failed == 0
    assert files_of(out) == before


def test_new_metadata_of_a_photo_that_is_away_wait_until_it_is_back(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    embed(0, entries(listing.add(2)))
    listing.rows[1]["seller"] = "another"
    path = listing.folder / "1.jpg"
    away = path.rename(path.with_name("away"))

    embed(0, entries(listing))
    assert [row.metadata["seller"] for row in garments_of(out)] == ["shop 1"]

    away.rename(path)
    assert embed(0, entries(listing)).embedded == 0
    assert [row.metadata["seller"] for row in garments_of(out)] == ["another"]


def test_a_photo_whose_new_content_is_refused_keeps_its_rows_until_one_is_embedded(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    embed(0, entries(listing.add(6)))
    rows = records_of(out)
    (listing.folder / "5.jpg").write_bytes(b"no photo")

    embed(0, entries(listing))
    assert records_of(out) == rows
    assert finalize(embed.output, 0).failed == 1

    listing.show(5, seed=50)
    assert embed(0, entries(listing)).embedded == 1
    content = hashlib.sha256((listing.folder / "5.jpg").read_bytes()).hexdigest()
    assert [row.photo_sha256 for row in garments_of(out) if row.photo.endswith("/5.jpg")] == [content] * 2
    assert finalize(embed.output, 0).failed == 0


def test_photos_from_urls_keep_their_rows_where_urls_are_off(
    listing: Listing, embed: EmbedPartition, out: Path
) -> None:
    photo = (listing.add(2).folder / "1.jpg").read_bytes()
    wanted = [Item("item", "https://example.org/photo.jpg")]
    allowing = dataclasses.replace(embed, service=dataclasses.replace(embed.service, allow_urls=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Downloader, "fetch", lambda *_: photo)
        allowing(0, wanted)
    rows = records_of(out)

    embed(0, wanted)

    assert records_of(out) == rows
    assert len(rows) == 1
    assert finalize(embed.output, 0).failed == 1
    assert allowing(0, wanted).kept == 1  # without fetching it
    assert finalize(embed.output, 0).failed == 0


def test_a_server_that_stays_away_leaves_the_part_as_it_was(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    embed(0, entries(listing.add(4)))
    before = files_of(out)
    listing.server.failures.extend([(grpc.StatusCode.UNAVAILABLE, "the queue is full")] * 1000)

    with pytest.raises(Unavailable, match="the queue is full"):
        embed(0, entries(listing.add(6)))

    assert files_of(out) == before


def test_a_refused_photo_is_asked_for_again_and_does_not_fail(listing: Listing, embed: EmbedPartition) -> None:
    waiting = dataclasses.replace(embed, service=dataclasses.replace(embed.service, retry_seconds=30.0))
    wanted = entries(listing.add(6))
    listing.server.failures.extend([(grpc.StatusCode.UNAVAILABLE, "the queue is full")] * 8)

    assert waiting(0, wanted).embedded == 6
    assert finalize(embed.output, 0).failed == 0


def test_rows_of_other_weights_never_join(listing: Listing, embed: EmbedPartition, out: Path) -> None:
    listing.server.versions["fingerprint"] = "ffffffffffffffff"

    with pytest.raises(FingerprintMismatch, match="has come to run the weights ffffffffffffffff"):
        embed(0, entries(listing.add(4)))
    assert files_of(out) == {}


def test_no_more_requests_are_under_way_than_a_task_may_have(listing: Listing, embed: EmbedPartition) -> None:
    listing.server.delay = 0.01
    two = dataclasses.replace(embed, service=dataclasses.replace(embed.service, in_flight=2))

    two(0, entries(listing.add(20)))

    assert listing.server.most_busy == 2


def test_an_attempt_that_was_given_up_but_goes_on_leaves_one_whole_state(
    listing: Listing, embed: EmbedPartition, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other attempt commits in the moment before this one does."""
    old = entries(listing.add(6))
    listing.show(1, seed=50)
    new = entries(listing.add(4))
    put = Output.put

    def overtaken(output: Output, name: str, local: Path) -> None:
        monkeypatch.setattr(Output, "put", put)
        embed(0, old)
        put(output, name, local)

    monkeypatch.setattr(Output, "put", overtaken)
    embed(0, new)

    rows: list[Any] = [(row.photo, row.number) for row in garments_of(out)]
    assert len(rows) == len(set(rows)) == listing.garments
    assert finalize(embed.output, 0).photos == 10


def test_an_attempt_that_is_overtaken_before_it_has_read_the_rows_loses_none(
    listing: Listing, embed: EmbedPartition, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other attempt, with an older manifest, commits after this one has read the journal."""
    old = entries(listing.add(2))
    embed(0, entries(listing.add(4)))
    for row in listing.rows:
        row["seller"] = "another"
    opening, opened = Output.open, []

    def overtaken(output: Output, name: str) -> Any:
        opened.append(name)
        if len(opened) == 2:
            monkeypatch.setattr(Output, "open", opening)
            embed(0, old)
        return opening(output, name)

    monkeypatch.setattr(Output, "open", overtaken)
    embed(0, entries(listing))

    assert len(opened) == 2
    assert [row.metadata["seller"] for row in garments_of(out)] == ["another"] * listing.garments
    counts = finalize(embed.output, 0)
    assert (counts.photos, counts.garments, counts.without_garment, counts.failed) == (6, listing.garments, 2, 0)


def test_journal_and_rows_agree_where_every_read_is_answered_from_what_is_there_then(
    listing: Listing, embed: EmbedPartition, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of an object store, where a file that is open does not outlive its replacement."""
    old = entries(listing.add(2))
    new = entries(listing.add(4))
    committed = []
    for wanted in (new, old):
        embed(0, wanted)
        committed += files_of(out).values()
    monkeypatch.setattr(Output, "open", lambda *_: pa.PythonFile(Replaced(*committed), "r"))

    partition = read_partition(embed.output, 0)

    assert {pair: len(rows) for pair, rows in partition.garments.items()} == {
        pair: record.entry.garments for pair, record in partition.records.items() if record.entry.garments
    }
    assert len(partition.records) == len(new)


class Replaced(io.BytesIO):
    """Replaced by another content after the first read."""

    def __init__(self, before: bytes, after: bytes) -> None:
        super().__init__(before)
        self._after = after

    def read(self, size: int | None = -1, /) -> bytes:
        data, place = super().read(size), self.tell()
        self.seek(0)
        self.truncate()
        self.write(self._after)
        self.seek(place)
        return data


def test_urls_are_off_unless_they_are_allowed(embed: EmbedPartition, out: Path) -> None:
    embed(0, [Item("item", "https://example.org/photo.jpg")])
    finalize(embed.output, 0)

    assert [row["reason"] for row in failures_of(out)] == ["photos from URLs are off; --allow-urls turns them on"]
