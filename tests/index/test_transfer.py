"""Whole collections out of and into both kinds of Milvus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.core.errors import BadOption, FingerprintMismatch, NotFound
from seamline.index import Collection, Index, IndexSettings
from seamline.index.copying import copy_collection
from seamline.index.parquet import read_rows, write_rows
from seamline.index.search_params import SearchParams
from seamline.index.transfer import export_collection, import_files
from tests.support.rows import DIMENSION, FINGERPRINT, OTHER, VECTORS, garment


@pytest.fixture
def loaded(index: Index) -> Iterator[str]:
    """The name of a collection that the test makes."""
    yield "loaded"
    index.drop("loaded")


def contents(collection: Collection) -> dict[str, tuple[str, bytes]]:
    return {found.key: (found.record, found.vectors.tobytes()) for page in collection.garments(300) for found in page}


def test_a_collection_goes_out_and_comes_in_to_the_bit(
    index: Index, filled: Collection, loaded: str, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    path = tmp_path / "filled.parquet"
    assert export_collection(filled, path, lambda done, total: told.append((done, total))) == 700
    assert told[-1] == (700, 700)
    assert [found.key for found in read_rows(path)] == list(filled.all_keys())

    new = import_files(index, loaded, [path])
    assert contents(new) == contents(filled)
    assert new.fingerprint == FINGERPRINT
    assert contents(import_files(index, loaded, [path])) == contents(filled)
    best = index.open(loaded, FINGERPRINT).candidates_of([VECTORS[7].reshape(-1)], SearchParams(3))[0]
    assert best.keys[0] == garment(7).key


def test_an_import_that_was_stopped_is_repeated(
    index: Index, loaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = []
    for part in range(3):
        rows = (garment(number) for number in range(part * 20, part * 20 + 20))
        parts.append(tmp_path / f"part-{part}.parquet")
        write_rows(parts[-1], FINGERPRINT, (5, DIMENSION), rows)
    store = Collection.store

    def stop(collection: Collection, rows: list[object]) -> None:
        store(collection, [garment(number) for number in range(100, 105)])  # what a run over other files left
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "store", stop)
        with pytest.raises(KeyboardInterrupt):
            import_files(index, loaded, [tmp_path])
    with pytest.raises(NotFound):
        index.open(loaded)  # nobody sees a half

    new = import_files(index, loaded, [tmp_path])
    assert set(contents(new)) == {garment(number).key for number in range(60)}


def test_rows_are_copied_under_other_settings(index: Index, loaded: str) -> None:
    before = index.create(loaded, FINGERPRINT, (5, DIMENSION))
    before.store(garment(number) for number in range(30))
    before.flush()
    other = Index(index.uri, settings=IndexSettings(index="FLAT"))
    after = copy_collection(other, before)
    assert after.physical != before.physical
    assert contents(after) == contents(before)
    assert index.open(loaded).physical == after.physical
    kind = index.call(lambda client: client.describe_index(after.physical, "vector"))
    assert kind["index_type"] == "FLAT"
    found = index.open(loaded).candidates_of([VECTORS[3].reshape(-1)], SearchParams(30, (garment(3).category,)))[0]
    assert garment(3).key in found.keys
    assert len(found.keys) == len([number for number in range(30) if garment(number).category == garment(3).category])
    other.close()


def test_rows_that_lie_by_category_are_found_by_it(lite: str) -> None:
    index = Index(lite, settings=IndexSettings(partition_by_category=True))
    collection = index.create("parted", FINGERPRINT, (5, DIMENSION))
    for _ in range(2):
        collection.store(garment(number) for number in range(40))
        collection.flush()
    found = collection.candidates_of([VECTORS[3].reshape(-1)], SearchParams(30, (garment(3).category,)))[0]
    assert set(found.keys) == {garment(number).key for number in (3, 16, 29)}
    index.drop("parted")
    index.close()


@pytest.fixture
def offline() -> Index:
    """An index that nothing may reach: what is wrong with the files shows before it is asked."""
    return Index("http://127.0.0.1:1", timeout=0.1)


def test_keys_that_occur_twice_are_refused_before_anything_is_stored(offline: Index, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.parquet", FINGERPRINT, (5, DIMENSION), [garment(1)])
    with pytest.raises(BadOption, match="occurs twice"):
        import_files(offline, "never", [tmp_path])


def test_files_of_different_weights_are_refused(offline: Index, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", FINGERPRINT, (5, DIMENSION), [garment(1)])
    write_rows(tmp_path / "b.parquet", OTHER, (5, DIMENSION), [garment(2)])
    with pytest.raises(BadOption, match="other weights"):
        import_files(offline, "never", [tmp_path])


def test_a_damaged_file_stops_an_import_before_anything_is_stored(offline: Index, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.parquet", FINGERPRINT, (5, DIMENSION), [garment(ord(name))])
    data = bytearray((tmp_path / "b.parquet").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "b.parquet").write_bytes(data)
    with pytest.raises(BadOption, match=r"b\.parquet"):
        import_files(offline, "never", [tmp_path])


def test_a_folder_without_files_is_refused(offline: Index, tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"no \.parquet file"):
        import_files(offline, "never", [tmp_path])


def test_a_collection_of_other_weights_takes_nothing(index: Index, filled: Collection, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", OTHER, (5, DIMENSION), [garment(1)])
    with pytest.raises(FingerprintMismatch, match="another collection"):
        import_files(index, "filled", [tmp_path / "a.parquet"])
    assert filled.rows() == 700
