"""Indexing into the real Milvus Lite, with an embedder that answers from the photo's bytes."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.catalogue import (
    Batching,
    Entry,
    Failure,
    Item,
    Options,
    Progress,
    RunContext,
    failure_file,
    index_items,
    open_source,
    preview_items,
)
from seamline.client import Embedded
from seamline.core.errors import BadOption, DeadlineExceeded, FingerprintMismatch, NotFound, Unavailable
from seamline.index import Collection, Index
from tests.catalogue.conftest import write
from tests.support.bytes_embedder import BytesEmbedder
from tests.support.photos import jpeg

ONE_AT_A_TIME = Options(in_flight=1, retry_seconds=0.0)


def run(
    index: Index, source: Path, name: str, embedder: BytesEmbedder | None = None, options: Options = ONE_AT_A_TIME
) -> Progress:
    return index_items(open_source(source), embedder or BytesEmbedder(), index, name, options)


def records(collection: Collection) -> list[dict[str, object]]:
    return [json.loads(row["record"]) for row in collection.query('pk >= "0"', ["record"], 100)]


def reasons(progress: Progress) -> dict[str, str]:
    return {Path(failure.subject).name: failure.reason for failure in progress.failures}


def test_every_garment_of_every_photo_is_stored(index: Index, folder: Path) -> None:
    progress = run(index, folder, "all")
    assert (progress.done, progress.total, progress.indexed) == (4, 4, 4)
    assert (progress.garments, progress.without_garment) == (4, 1)
    assert index.open("all").rows() == 4


def test_repeating_adds_nothing_and_embeds_nothing(index: Index, folder: Path) -> None:
    run(index, folder, "twice")
    again = BytesEmbedder()
    progress = run(index, folder, "twice", again)
    assert again.asked == []
    assert (progress.skipped, progress.indexed) == (4, 0)
    assert index.open("twice").rows() == 4


def test_an_unchanged_file_is_not_even_read(index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(index, folder, "unread")
    with monkeypatch.context() as patch:
        patch.setattr("seamline.catalogue.photos.PhotoReader.digest", lambda self, photo: pytest.fail("was read"))
        assert run(index, folder, "unread").skipped == 4


def test_a_change_that_size_and_time_do_not_show_is_found_by_verifying(index: Index, folder: Path) -> None:
    run(index, folder, "verified")
    before = (folder / "a.jpg").stat()
    (folder / "a.jpg").write_bytes(b"A g")
    os.utime(folder / "a.jpg", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(index, folder, "verified").skipped == 4
    asked = BytesEmbedder()
    assert run(index, folder, "verified", asked, Options(verify=True)).replaced == 1
    assert asked.asked == [b"A g"]


def test_a_file_that_has_just_been_written_is_compared_by_content(index: Index, folder: Path) -> None:
    write(folder / "a.jpg", b"a g", age=0)
    run(index, folder, "young")
    write(folder / "a.jpg", b"b g", age=0)
    assert run(index, folder, "young").replaced == 1


def test_a_changed_photo_replaces_its_garments(index: Index, folder: Path) -> None:
    run(index, folder, "changed")
    write(folder / "deep" / "b.PNG", b"other g", age=50)
    assert run(index, folder, "changed").replaced == 1
    assert index.open("changed").rows() == 3


def test_an_interrupted_run_keeps_what_it_had_and_goes_on(index: Index, folder: Path) -> None:
    with pytest.raises(Unavailable):
        run(index, folder, "interrupted", BytesEmbedder(answers=2))
    assert index.open("interrupted").rows() == 3
    rest = BytesEmbedder()
    run(index, folder, "interrupted", rest)
    assert rest.asked == [b"c g", b"nobody here"]
    assert index.open("interrupted").rows() == 4


@pytest.mark.parametrize("fate", ["lost", "foreign", "empty"])
def test_without_its_journal_a_run_reads_the_files_and_stores_nothing_twice(
    index: Index, folder: Path, tmp_path: Path, fate: str
) -> None:
    name, journal = f"journal_{fate}", tmp_path / "journal.sqlite"
    context = RunContext(journal=journal)
    index_items(open_source(folder), BytesEmbedder(), index, name, ONE_AT_A_TIME, context)
    if fate == "lost":
        journal.unlink()
    elif fate == "foreign":
        index_items(open_source(folder), BytesEmbedder(), index, "another", ONE_AT_A_TIME, context)
    else:
        journal.write_bytes(b"")
    again = BytesEmbedder()
    progress = index_items(open_source(folder), again, index, name, ONE_AT_A_TIME, context)
    assert again.asked == [b"nobody here"]
    assert progress.skipped == 3
    assert index.open(name).rows() == 4


def test_a_journal_that_claims_rows_which_milvus_lost_is_not_believed(index: Index, folder: Path) -> None:
    run(index, folder, "rolled_back")
    collection = index.open("rolled_back")
    lost = list(collection.all_keys())[:2]
    collection.delete(lost)
    collection.flush()
    assert run(index, folder, "rolled_back").indexed in (1, 2)
    assert collection.rows() == 4


def test_a_file_that_is_no_journal_is_refused_and_left_alone(index: Index, folder: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"not a database" * 100)
    with pytest.raises(BadOption, match="journal"):
        index_items(open_source(folder), BytesEmbedder(), index, "no_journal", context=RunContext(photo))
    assert photo.read_bytes() == b"not a database" * 100


def test_rows_of_an_older_content_go_in_the_next_run_when_this_one_could_not_delete_them(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(index, folder, "stale")
    write(folder / "a.jpg", b"new g", age=50)
    with monkeypatch.context() as patch:
        patch.setattr(Collection, "delete", lambda self, keys: (_ for _ in ()).throw(Unavailable("the index is gone")))
        with pytest.raises(Unavailable):
            run(index, folder, "stale")
    assert index.open("stale").rows() == 5
    run(index, folder, "stale")
    assert index.open("stale").rows() == 4


def test_metadata_are_stored_and_taken_over_without_embedding_again(index: Index, folder: Path) -> None:
    manifest = folder / "items.csv"
    manifest.write_text("item,photo,seller,price\nA,a.jpg,x,5\nA,deep/b.PNG,x,5\nB,empty.jpg,y,1\n", encoding="utf-8")
    run(index, manifest, "metadata")
    assert {json.dumps(row["metadata"]) for row in records(index.open("metadata"))} == {'{"seller": "x", "price": "5"}'}
    manifest.write_text("item,photo,seller,price\nA,a.jpg,x,6\nA,deep/b.PNG,x,5\nB,empty.jpg,y,1\n", encoding="utf-8")
    again = BytesEmbedder()
    progress = run(index, manifest, "metadata", again)
    assert (again.asked, progress.metadata_updated, progress.skipped) == ([], 1, 2)
    stored = {row["photo"]: row["metadata"] for row in records(index.open("metadata"))}
    assert stored[str(folder / "a.jpg")] == {"seller": "x", "price": "6"}
    assert run(index, manifest, "metadata").skipped == 3


def test_metadata_are_compared_without_a_journal_too(index: Index, folder: Path, tmp_path: Path) -> None:
    manifest = folder / "items.jsonl"
    manifest.write_text('{"item": "A", "photo": "a.jpg", "price": 5}\n', encoding="utf-8")
    run(index, manifest, "bare_metadata")
    manifest.write_text('{"item": "A", "photo": "a.jpg", "price": 6.5}\n', encoding="utf-8")
    context = RunContext(journal=tmp_path / "other.sqlite")
    progress = index_items(open_source(manifest), BytesEmbedder(), index, "bare_metadata", context=context)
    assert (progress.metadata_updated, progress.indexed) == (1, 0)
    assert records(index.open("bare_metadata"))[0]["metadata"] == {"price": 6.5}


def test_metadata_that_another_run_has_changed_are_found_by_verifying(
    index: Index, folder: Path, tmp_path: Path
) -> None:
    item = Item("A", str(folder / "a.jpg"), {"price": 5})
    index_items([item], BytesEmbedder(), index, "other_hand")
    elsewhere = RunContext(journal=tmp_path / "elsewhere.sqlite")
    other = dataclasses.replace(item, metadata={"price": 6})
    index_items([other], BytesEmbedder(), index, "other_hand", context=elsewhere)
    assert index_items([item], BytesEmbedder(), index, "other_hand", Options(verify=True)).metadata_updated == 1
    assert records(index.open("other_hand"))[0]["metadata"] == {"price": 5}


def test_the_same_photo_of_an_item_counts_once_and_of_two_items_twice(index: Index, folder: Path) -> None:
    manifest = folder / "items.csv"
    rows = ["A,a.jpg", "B,a.jpg", "A,a.jpg", "A,./deep/../a.jpg"] + [f"C{n},deep/b.PNG" for n in range(600)]
    manifest.write_text("item,photo\n" + "\n".join([*rows, *rows]), encoding="utf-8")
    embedder = BytesEmbedder()
    progress = run(index, manifest, "doubled", embedder)
    assert (progress.indexed, progress.repeated) == (602, 2 + 604)
    assert index.open("doubled").rows() == 2 + 600 * 2
    assert len(embedder.asked) <= 4


def test_what_cannot_be_stored_or_read_is_listed_and_costs_no_others(index: Index, folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.jpg", "wb") as file:
        file.write(b"g")
    write(folder / "bad.jpg", b"broken g")
    progress = run(index, folder, "names")
    assert progress.failed == 2
    assert set(reasons(progress).values()) == {
        "item holds the byte 0xE9 of another encoding after 'caf'; names and texts have to be UTF-8",
        "the bytes are not a photo",
    }
    lines = [
        {"item": "x" * 10_000, "photo": "a.jpg"},
        {"item": "A", "photo": "gone.jpg"},
        {"item": "B", "photo": "deep"},
        {"item": "C\0", "photo": "a.jpg"},
        {"item": "D", "photo": "a.jpg", "text": "x" * 16_000},
        {"item": "E", "photo": "\ud800.jpg"},
        {"item": "F", "photo": "y" * 300 + ".jpg"},
        {"item": "G", "photo": "https://shop.example/g.jpg"},
        {"item": "H", "photo": "ftp://shop.example/g.jpg"},
        {"item": "' or pk != '", "photo": "deep/b.PNG", "why": '"quoted"\n'},
    ]
    manifest = folder / "items.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines) + "no JSON\n", encoding="utf-8")
    progress = run(index, manifest, "bad_items")
    assert [re.split(":| after", failure.reason)[0] for failure in progress.failures] == [
        "its item id is longer than 1,024 bytes",
        "its item id or its photo has a NUL character",
        "its metadata takes more than the 16,384 bytes that a row holds; leave columns out",
        "photo holds half a character (\\ud800)",
        "the line is not JSON",
        "the photo cannot be read",
        "the photo cannot be read",
        "the photo cannot be read",
        "photos from URLs are off; --allow-urls turns them on",
        "URLs of the scheme 'ftp' are not allowed; http and https are",
    ]
    assert (progress.indexed, progress.bad_rows) == (1, 1)
    assert index.open("bad_items").rows() == 2


def test_failures_are_written_to_a_file_that_is_a_source_again(index: Index, folder: Path, tmp_path: Path) -> None:
    manifest, failed = folder / "items.csv", tmp_path / "failed.jsonl"
    manifest.write_text("item,photo,seller\nA,gone.jpg,x\nB,a.jpg,y\n", encoding="utf-8")
    with failure_file(failed, manifest) as failures:
        context = RunContext(failures=failures)
        index_items(open_source(manifest), BytesEmbedder(), index, "failed", context=context)
    assert json.loads(failed.read_text())["failure"] == {
        "reason": "the photo cannot be read: No such file or directory", "place": "items.csv, line 2",
    }  # fmt: skip
    write(folder / "gone.jpg", b"back g")
    assert list(open_source(failed)) == [Item("A", str(folder / "gone.jpg"), {"seller": "x"}, "failed.jsonl, line 1")]
    assert run(index, failed, "failed").indexed == 1
    assert index.open("failed").rows() == 2


def test_failures_never_overwrite_the_source(folder: Path) -> None:
    manifest = folder / "items.jsonl"
    manifest.write_text("{}\n")
    with pytest.raises(BadOption, match="is the source"), failure_file(manifest, manifest):
        pass
    assert manifest.read_text() == "{}\n"


def test_failures_that_find_no_room_on_the_disk_end_the_run_with_a_sentence(index: Index, folder: Path) -> None:
    write(folder / "bad.jpg", b"broken")
    with (
        pytest.raises(Unavailable, match="written to /dev/full: No space"),
        failure_file(Path("/dev/full"), folder) as f,
    ):
        index_items(open_source(folder), BytesEmbedder(), index, "no_room", ONE_AT_A_TIME, RunContext(failures=f))


def test_a_source_that_no_longer_has_items_can_take_them_along(index: Index, folder: Path) -> None:
    run(index, folder, "pruned")
    (folder / "a.jpg").unlink()
    assert run(index, folder, "pruned").removed == 0
    progress = run(index, folder, "pruned", options=Options(prune=True))
    assert (progress.removed, progress.not_removed) == (1, "")
    assert index.open("pruned").rows() == 3
    write(folder / "a.jpg", b"a g")
    assert run(index, folder, "pruned").indexed == 1


def test_a_photo_that_cannot_be_read_just_now_is_not_pruned(index: Index, folder: Path) -> None:
    run(index, folder, "kept")
    write(folder / "a.jpg", b"broken", age=10)
    progress = run(index, folder, "kept", options=Options(prune=True))
    assert (progress.failed, progress.removed) == (1, 0)
    assert index.open("kept").rows() == 4


def test_an_item_whose_metadata_have_grown_too_long_is_not_pruned(index: Index, folder: Path) -> None:
    item = Item("A", str(folder / "a.jpg"))
    index_items([item, Item("B", str(folder / "deep" / "b.PNG"))], BytesEmbedder(), index, "grown")
    source = [dataclasses.replace(item, metadata={"text": "x" * 17_000}), Item("\ud800", item.photo)]
    progress = index_items(source, BytesEmbedder(), index, "grown", Options(prune=True, prune_most=True))
    assert (progress.failed, progress.removed) == (2, 2)
    assert [record["item"] for record in records(index.open("grown"))] == ["A"]


def test_a_row_that_is_refused_leaves_its_photo_to_a_later_one(index: Index, folder: Path) -> None:
    item = Item("A", str(folder / "a.jpg"))
    source = [dataclasses.replace(item, metadata={"text": "x" * 17_000}), *[Failure("bad", place="x")] * 600, item]
    progress = index_items(source, BytesEmbedder(), index, "second_try")
    assert (progress.failed, progress.indexed) == (601, 1)


def test_an_outage_while_the_rows_to_prune_are_listed_costs_only_time(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(index, folder, "listed")
    (folder / "a.jpg").unlink()
    real, outages = Collection.all_keys, iter([True])

    def all_keys(collection: Collection) -> Iterator[str]:
        for key in real(collection):
            yield key
            if next(outages, False):
                raise Unavailable("the index does not answer")

    monkeypatch.setattr(Collection, "all_keys", all_keys)
    assert run(index, folder, "listed", options=Options(prune=True)).removed == 1
    assert index.open("listed").rows() == 3


def test_bad_rows_do_not_matter_where_there_is_nothing_to_prune(index: Index, folder: Path) -> None:
    source = [*open_source(folder), Failure("bad", place="row 5")]
    progress = index_items(source, BytesEmbedder(), index, "nothing_to_prune", Options(prune=True))
    assert (progress.bad_rows, progress.not_removed) == (1, "")


def test_pruning_is_refused_after_bad_rows_and_when_it_would_take_most(index: Index, folder: Path) -> None:
    run(index, folder, "careful")
    manifest = folder / "items.jsonl"
    line = json.dumps({"item": "a.jpg", "photo": "a.jpg"}) + "\n"
    manifest.write_text(line + "no JSON\n", encoding="utf-8")
    options = Options(prune=True)
    assert "could not be read" in run(index, manifest, "careful", options=options).not_removed
    manifest.write_text(line, encoding="utf-8")
    assert "lacks 3 of the collection's 4" in run(index, manifest, "careful", options=options).not_removed
    assert index.open("careful").rows() == 4
    assert run(index, manifest, "careful", options=Options(prune=True, prune_most=True)).removed == 3
    assert index.open("careful").rows() == 1


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(index: Index, folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        write(folder / f"{number}.jpg", jpeg((64, 64 + number), "red"))
    source = open_source(folder)
    preview = preview_items(source, BytesEmbedder(), index, "previewed")
    assert (preview.indexed, preview.failed) == (3, 4)
    assert set(reasons(preview).values()) == {"the bytes are not a JPEG, PNG or WebP photo"}
    with pytest.raises(NotFound):
        index.open("previewed")
    assert not (tmp_path / "home").exists()
    index_items(source, BytesEmbedder(), index, "previewed")
    (folder / "a.jpg").unlink()
    write(folder / "9.jpg", jpeg((64, 99), "red"))
    rows = index.open("previewed").rows()
    preview = preview_items(source, BytesEmbedder(), index, "previewed", Options(prune=True))
    assert (preview.indexed, preview.skipped, preview.removed, preview.failed) == (1, 6, 1, 0)
    assert index.open("previewed").rows() == rows


def test_a_dry_run_takes_an_empty_journal_for_none(index: Index, folder: Path, tmp_path: Path) -> None:
    run(index, folder, "empty_journal")
    journal = tmp_path / "journal.sqlite"
    journal.touch()
    preview = preview_items(open_source(folder), BytesEmbedder(), index, "empty_journal", context=RunContext(journal))
    assert preview.skipped == 3
    assert journal.read_bytes() == b""


def test_progress_knows_its_total_as_soon_as_the_source_is_counted(index: Index, folder: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    source = open_source(folder)
    context = RunContext(report=lambda progress: seen.append((progress.done, progress.total)), count=source.count)
    index_items(source, BytesEmbedder(seconds=0.1), index, "progress", ONE_AT_A_TIME, context)
    assert [done for done, _ in seen if done] == sorted(done for done, _ in seen if done)
    assert {done for done, _ in seen} >= {1, 2, 3, 4}
    assert seen[-1] == (4, 4)
    assert (3, 4) in seen


def test_other_weights_are_refused_before_anything_is_embedded(index: Index, folder: Path) -> None:
    run(index, folder, "weights")
    other = BytesEmbedder(fingerprint="ffffffffffffffff")
    with pytest.raises(FingerprintMismatch):
        run(index, folder, "weights", other)
    assert other.asked == []


class LateEmbedder(BytesEmbedder):
    """Does not answer in time for photos with `slow` in them."""

    def __init__(self, slow: bytes) -> None:
        super().__init__()
        self._slow = slow

    def embed(self, photo: bytes) -> Embedded:
        answer = super().embed(photo)
        if self._slow in photo:
            raise DeadlineExceeded("no answer within 1 s")
        return answer


@pytest.fixture
def ten(tmp_path: Path) -> list[Item]:
    """Every other photo has `slow` in it."""
    for number in range(10):
        write(tmp_path / f"{number}.jpg", f"{number} {'slow' if number % 2 else ''} g".encode())
    return [Item(str(number), str(tmp_path / f"{number}.jpg")) for number in range(10)]


def test_a_server_that_hangs_ends_the_run_and_the_next_one_goes_on(index: Index, ten: list[Item]) -> None:
    hanging = LateEmbedder(b"g")
    with pytest.raises(Unavailable, match="does not answer in time: no answer within 1 s, 3 times in a row"):
        index_items(ten, hanging, index, "hung", ONE_AT_A_TIME)
    assert len(hanging.asked) <= 4
    assert index_items(ten, BytesEmbedder(), index, "hung", ONE_AT_A_TIME).indexed == 10


def test_photos_that_take_too_long_one_by_one_are_failures(index: Index, ten: list[Item]) -> None:
    progress = index_items(ten, LateEmbedder(b"slow"), index, "slow_photos", ONE_AT_A_TIME)
    assert (progress.indexed, progress.failed) == (5, 5)


def test_an_endless_source_is_read_only_as_far_as_needed(index: Index, folder: Path) -> None:
    read = 0

    def endless() -> Iterator[Entry]:
        nonlocal read
        while True:
            read += 1
            yield Item(f"item {read}", str(folder / "a.jpg"))

    embedder = BytesEmbedder(answers=3, seconds=0.01)
    with pytest.raises(Unavailable):
        index_items(endless(), embedder, index, "endless", Options(in_flight=2, retry_seconds=0.0))
    assert read < 20_000


def test_an_error_of_the_source_stores_what_was_read_before_it(index: Index, folder: Path) -> None:
    def ends_badly() -> Iterator[Entry]:
        yield from open_source(folder)
        yield from [Failure("a bad row", place="row 5")] * 10
        raise BadOption("the manifest is damaged")

    with pytest.raises(BadOption, match="damaged"):
        index_items(ends_badly(), BytesEmbedder(), index, "damaged", Options(batching=Batching(rows=1)))
    assert index.open("damaged").rows() == 4


def test_a_server_that_reloads_other_weights_in_the_middle_stops_the_run(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder, reloaded = BytesEmbedder(answers=1), BytesEmbedder(fingerprint="ffffffffffffffff")

    def embed(photo: bytes) -> Embedded:
        try:
            return BytesEmbedder.embed(embedder, photo)
        except Unavailable:
            return reloaded.embed(photo)

    monkeypatch.setattr(embedder, "embed", embed)
    with pytest.raises(FingerprintMismatch):
        run(index, folder, "reloaded", embedder)
    assert index.open("reloaded").rows() == 1


def test_nul_characters_of_metadata_are_kept_and_those_of_names_are_failures(index: Index, folder: Path) -> None:
    manifest = folder / "nul.csv"
    manifest.write_bytes(b"item,photo,title\r\nA,a.jpg,x\0y\r\nB\0,a.jpg,x\r\nC,b\0.jpg,x\r\nD,\\a\0.jpg,x\r\n")
    progress = run(index, manifest, "nul")
    assert [failure.reason for failure in progress.failures] == ["its item id or its photo has a NUL character"] * 3
    assert progress.indexed == 1
    (hits,) = index.open("nul").garments()
    assert dict(hits[0].metadata) == {"title": "x\0y"}
