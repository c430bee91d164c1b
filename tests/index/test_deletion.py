"""Items deleted from every version of a collection, and what Milvus and snapshots still hold of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.core.errors import NotFound, Unsupported
from seamline.index import Collection, Index
from seamline.index.copying import copy_collection
from seamline.index.deletion import delete_items
from seamline.index.remains import COMPLETED, compact, compaction_state, remains_of, segments_of, server_of
from seamline.index.snapshot.copies import remove_snapshot, rows_in_snapshot
from seamline.index.snapshot.refreshing import Refresher
from seamline.local.milvus_files import rows_in_files
from tests.support.milvus_lite import milvus_lite
from tests.support.rows import DIMENSION, FINGERPRINT, garment

ROWS = 8


@pytest.fixture
def collection(index: Index) -> Iterator[Collection]:
    made = index.create("shrinking", FINGERPRINT, (5, DIMENSION))
    made.store(garment(number) for number in range(ROWS))
    made.flush()
    yield made
    index.drop("shrinking")


def test_an_item_goes_from_what_answers_and_from_what_is_kept(index: Index, collection: Collection) -> None:
    copy_collection(index, collection)
    item = garment(3).item
    deleted = delete_items(index, "shrinking", [item, item, "unknown"])
    assert deleted.missing == ["unknown"]
    assert [(rows.before, rows.after, rows.left) for rows in deleted.every] == [(ROWS, ROWS - 1, [])] * 2
    assert [dict(rows.keys) for rows in deleted.every] == [{item: [garment(3).key]}] * 2
    assert deleted.beside[0].physical == collection.physical
    assert all(not version.keys_of_items([item]) for version in index.all_versions("shrinking"))


def test_nothing_is_deleted_from_a_collection_that_is_not_there(index: Index) -> None:
    with pytest.raises(NotFound):
        delete_items(index, "no_such", ["A"])


def test_a_compacted_server_holds_no_segment_of_the_deleted_rows(index: Index, collection: Collection) -> None:
    before = segments_of(index, collection.physical)
    deleted = delete_items(index, "shrinking", [garment(3).item])
    physical = deleted.present.physical
    if server_of(index).lite:
        assert (before, remains_of(index, physical, before).segments) == (None, None)
        with pytest.raises(Unsupported, match="compacts only by itself"):
            compact(index, physical)
        return
    assert remains_of(index, physical, before).segments == before
    job, end = compact(index, physical), time.monotonic() + 120
    while compaction_state(index, job) != COMPLETED or remains_of(index, physical, before).segments:
        assert time.monotonic() < end
        time.sleep(1)


def test_a_dropped_collection_holds_nothing(index: Index) -> None:
    made = index.create("brief", FINGERPRINT, (5, DIMENSION))
    index.drop("brief")
    assert remains_of(index, made.physical, (1,)).dropped
    if not server_of(index).lite:
        with pytest.raises(NotFound):
            compact(index, made.physical)


def test_files_of_milvus_lite_hold_deleted_rows_until_the_collection_is_written_anew(tmp_path: Path) -> None:
    with milvus_lite(tmp_path) as uri:
        index = Index(uri)
        made = index.create("small", FINGERPRINT, (5, DIMENSION))
        made.store(garment(number) for number in range(ROWS))
        made.flush()
        (keys,) = delete_items(index, "small", [garment(3).item]).present.keys.values()
        assert rows_in_files(tmp_path, made.physical, keys) == 1
        new = copy_collection(index, made)
        index.prune("small")
        assert rows_in_files(tmp_path, new.physical, keys) == 0
        assert rows_in_files(tmp_path, made.physical, keys) is None
        index.close()


def test_a_snapshot_holds_deleted_rows_until_it_is_removed(
    index: Index, collection: Collection, tmp_path: Path
) -> None:
    folder = tmp_path / collection.physical
    folder.mkdir()
    (folder / "lock").touch()
    first = Refresher(collection, folder, 100).refreshed(None, resting=False)
    deleted = delete_items(index, "shrinking", [garment(3).item])
    second = Refresher(index.open("shrinking"), folder, 100).refreshed(first, resting=False)
    assert (first.rows, second.rows) == (ROWS, ROWS - 1)
    assert rows_in_snapshot(folder, [garment(3).key]) == 1, "marked as removed, and still there"
    assert deleted.present.garments == 1
    assert (remove_snapshot(folder), remove_snapshot(folder)) == (True, False)
    assert (rows_in_snapshot(folder, [garment(3).key]), list(tmp_path.iterdir())) == (0, [])
