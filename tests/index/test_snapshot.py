"""Snapshots of a collection: what they hold, when they answer, and who keeps them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from seamline.core.spec import CATEGORIES
from seamline.index import Collection, Index
from seamline.index import collection as collections
from seamline.index.snapshot import Snapshot, SnapshotKeeper, keeper
from seamline.index.snapshot.segment import Segment
from tests.support.rows import DIMENSION, FINGERPRINT, VECTORS, garment

ROWS = 120
Keepers = Callable[..., SnapshotKeeper]
T = keeper.STALE_AFTER + 6  # seconds for what has to happen within STALE_AFTER, on a machine that does much else


@pytest.fixture
def collection(index: Index) -> Iterator[Collection]:
    made = index.create("copied", FINGERPRINT, (5, DIMENSION))
    made.store([garment(number) for number in range(ROWS)])
    made.flush()
    made.wait_until_visible()
    yield made
    index.drop("copied")


@pytest.fixture
def keepers(index: Index, tmp_path: Path) -> Iterator[Keepers]:
    """Makes keepers as the processes of one server have them."""
    made: list[SnapshotKeeper] = []

    def make(limit: int = 1000) -> SnapshotKeeper:
        made.append(SnapshotKeeper(index, tmp_path / "snapshots", limit))
        return made[-1]

    yield make
    for each in made:
        each.close()


def waited(index: Index, kept: SnapshotKeeper, holds: Callable[[Snapshot], bool] = lambda _: True) -> Snapshot:
    """The first snapshot that answers and fulfils a condition."""
    end = time.monotonic() + T
    while time.monotonic() < end:
        found = kept.current(index.open("copied"))
        if found is not None and holds(found):
            return found
        time.sleep(0.02)
    raise AssertionError(f"no such snapshot within {T} s")


def keys(snapshot: Snapshot) -> set[str]:
    return set(snapshot.keys(snapshot.chosen(())))


def test_it_holds_the_rows_of_the_collection(index: Index, collection: Collection, keepers: Keepers) -> None:
    kept = keepers()
    assert kept.current(index.open("copied")) is None  # nobody waits for it
    snapshot = waited(index, kept)
    rows = snapshot.chosen(())
    assert snapshot.rows == ROWS
    stored = {row.key: row for page in collection.garments() for row in page}
    assert keys(snapshot) == set(stored)
    for key, vectors, record in zip(snapshot.keys(rows), snapshot.vectors(rows), snapshot.records(rows), strict=True):
        assert np.array_equal(vectors, stored[key].vectors)
        assert record == stored[key].record
    of_two = snapshot.chosen(CATEGORIES[:2])
    assert len(of_two) == sum(number % len(CATEGORIES) < 2 for number in range(ROWS))
    assert np.array_equal(np.sort(snapshot.cohort, 0), np.sort(collection.cohort(ROWS), 0))


def test_what_is_written_is_found_soon_and_what_is_deleted_is_gone_at_once(
    index: Index, collection: Collection, keepers: Keepers
) -> None:
    kept = keepers()
    waited(index, kept)
    new = garment(ROWS)
    collection.store([new])
    assert waited(index, kept, lambda found: new.key in keys(found)).rows == ROWS + 1

    collection.delete([new.key, garment(0).key])
    at_once = kept.current(index.open("copied"))
    assert at_once is None or new.key not in keys(at_once)
    assert waited(index, kept).rows == ROWS - 1
    assert not keys(waited(index, kept)) & {new.key, garment(0).key}


def test_a_row_that_is_written_again_replaces_the_one_before(
    index: Index, collection: Collection, keepers: Keepers
) -> None:
    kept = keepers()
    waited(index, kept)
    again = garment(3, metadata={"price": 9})
    collection.store([again])

    def is_replaced(found: Snapshot) -> bool:
        rows = found.chosen(())
        return again.record in found.records(rows[np.array(found.keys(rows)) == again.key])

    assert waited(index, kept, is_replaced).rows == ROWS


@pytest.mark.parametrize("told_lately", [False, True])
def test_a_writer_that_was_killed_hides_nothing(
    index: Index, collection: Collection, keepers: Keepers, monkeypatch: pytest.MonkeyPatch, told_lately: bool
) -> None:
    kept = keepers()
    waited(index, kept)
    marks = iter([collections.new_mark()])
    monkeypatch.setattr(collections, "new_mark", lambda: next(marks))
    monkeypatch.setattr(collections, "_TELL_AGAIN", told_lately and 30.0)
    if told_lately:
        next(marks)
    with pytest.raises(RuntimeError):  # the mark after the row
        collection.store([garment(ROWS)])
    monkeypatch.undo()
    assert waited(index, kept, lambda found: found.rows == ROWS + 1)


def test_processes_share_one_snapshot(
    index: Index, collection: Collection, keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    original = Segment.written
    monkeypatch.setattr(Segment, "written", lambda folder, rows: (written.append(len(rows)), original(folder, rows))[1])
    first, second = keepers(), keepers()
    one, other = waited(index, first), waited(index, second)
    assert keys(one) == keys(other)
    assert written == [ROWS]


def test_a_restart_begins_with_the_snapshot_of_before(index: Index, collection: Collection, keepers: Keepers) -> None:
    kept = keepers()
    waited(index, kept)
    kept.close()
    assert keepers().current(index.open("copied")) is not None


def test_a_damaged_one_is_made_anew(index: Index, collection: Collection, keepers: Keepers, tmp_path: Path) -> None:
    kept = keepers()
    waited(index, kept)
    kept.close()
    for damaged in tmp_path.rglob("vectors.npy"):
        damaged.write_bytes(damaged.read_bytes()[:100])
    again = keepers()
    assert again.current(index.open("copied")) is None
    assert waited(index, again).rows == ROWS


def test_no_more_rows_than_the_limit(index: Index, collection: Collection, keepers: Keepers, tmp_path: Path) -> None:
    kept = keepers(limit=ROWS - 1)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        assert kept.current(index.open("copied")) is None
        time.sleep(0.1)
    assert not list(tmp_path.rglob("segment-*"))


def test_a_full_disk_leaves_the_index_to_answer(
    index: Index, collection, keepers, monkeypatch, tmp_path, caplog
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    kept = keepers()
    end = time.monotonic() + T
    while not caplog.records and time.monotonic() < end:
        assert kept.current(index.open("copied")) is None
        time.sleep(0.1)
    assert "could not be refreshed" in caplog.text
    assert not list(tmp_path.rglob("segment-*"))


def test_short_and_sparse_segments_are_merged(index: Index, collection: Collection, keepers: Keepers) -> None:
    kept = keepers()
    waited(index, kept)
    for number in range(ROWS, ROWS + 2):
        collection.store([garment(number)])
        waited(index, kept, lambda found, last=number: garment(last).key in keys(found))
    assert len(waited(index, kept).segments) == 1
    collection.delete([garment(number).key for number in range(60)])
    left = waited(index, kept)
    assert (left.rows, int(left.starts[-1])) == (ROWS - 58, ROWS - 58)


def test_what_the_collection_no_longer_is_does_not_stay_on_disk(
    index: Index, collection: Collection, keepers: Keepers, tmp_path: Path
) -> None:
    kept = keepers()
    waited(index, kept)
    other = index.create("passing", FINGERPRINT, (5, DIMENSION))
    other.store([garment(1)])
    end = time.monotonic() + T
    while kept.current(index.open("passing")) is None and time.monotonic() < end:
        time.sleep(0.02)
    assert list(tmp_path.rglob(other.physical))
    index.drop("passing")
    collection.store([garment(ROWS)])
    waited(index, kept, lambda found: found.rows == ROWS + 1)
    while list(tmp_path.rglob(other.physical)) and time.monotonic() < end + T:
        time.sleep(0.02)
    assert not list(tmp_path.rglob(other.physical))


def test_vectors_are_those_that_were_stored(index: Index, collection: Collection, keepers: Keepers) -> None:
    snapshot = waited(index, keepers())
    numbers = {garment(number).key: number for number in range(ROWS)}
    rows = snapshot.chosen(())
    assert np.array_equal(snapshot.vectors(rows), VECTORS[[numbers[key] for key in snapshot.keys(rows)]])
