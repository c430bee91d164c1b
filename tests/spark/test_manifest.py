from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.catalogue.items import Failure, Item
from seamline.core.errors import BadOption, NotFound
from seamline.spark.manifest import PositionedEntry, ReadFile, count_rows, manifest_files, without_repeats
from seamline.spark.plan import Plan

PLAN = Plan(8, "0011223344556677", 5, 128)


def manifest(path: Path, *rows: dict[str, object]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def test_a_folder_stands_for_its_parquet_files_without_those_that_are_hidden(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet", "_SUCCESS", "_old.parquet", ".c.parquet", "notes.txt"):
        (tmp_path / name).touch()

    assert [path.name for path in manifest_files(tmp_path)] == ["a.parquet", "b.parquet"]


def test_folders_below_it_are_columns_and_paths_begin_at_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "seller=x").mkdir()
    (tmp_path / "_temporary").mkdir()
    (tmp_path / "_temporary" / "a.parquet").touch()
    file = manifest(tmp_path / "seller=x" / "a.parquet", {"item": "1", "photo": "1.jpg"})

    assert manifest_files(tmp_path) == [file]
    ((_, (_, entry)),) = ReadFile(PLAN, tmp_path)((0, str(file)))
    assert entry == Item("1", str(tmp_path / "1.jpg"), {"seller": "x"}, "seller=x/a.parquet, row 1")


def test_a_manifest_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        manifest_files(tmp_path / "nothing")
    with pytest.raises(BadOption, match=r"holds no \.parquet file"):
        manifest_files(tmp_path)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="the column photo is missing"):
        count_rows([manifest(tmp_path / "a.parquet", {"item": "1"})], tmp_path)


def test_all_photos_of_an_item_are_in_one_part(tmp_path: Path) -> None:
    rows = [{"item": f"item {number % 10}", "photo": f"{number}.jpg"} for number in range(40)]

    read = list(ReadFile(PLAN, tmp_path)((0, str(manifest(tmp_path / "a.parquet", *rows)))))

    partitions = {(entry.item, partition) for partition, (_, entry) in read if isinstance(entry, Item)}
    assert len(read) == 40
    assert len(partitions) == 10
    assert len({partition for _, partition in partitions}) > 3


def test_rows_that_cannot_be_used_are_failures_with_their_place(tmp_path: Path) -> None:
    file = manifest(tmp_path / "a.parquet", {"item": None, "photo": "1.jpg"}, {"item": "x" * 2000, "photo": "2.jpg"})

    found = [entry for _, (_, entry) in ReadFile(PLAN, tmp_path)((0, str(file)))]

    assert all(isinstance(entry, Failure) for entry in found)
    assert found[0].place == "a.parquet, row 1"
    assert "longer than 1,024 bytes" in found[1].reason  # type: ignore[union-attr]


def test_of_several_rows_that_name_a_photo_the_manifests_first_counts_in_whatever_order_they_come() -> None:
    positioned: list[PositionedEntry] = [
        ((number // 4, number % 4), Item(f"item {number % 3}", f"{number % 6}.jpg", {"row": number}))
        for number in range(12)
    ]
    expected = [Item(f"item {number % 3}", f"{number}.jpg", {"row": number}) for number in (0, 3, 1, 4, 2, 5)]

    for seed in range(5):
        random.Random(seed).shuffle(positioned)
        assert without_repeats(positioned) == (expected, 6)


def test_rows_without_an_item_are_told_apart_by_their_place() -> None:
    positioned: list[PositionedEntry] = [
        ((0, row), Failure("item is empty", place=f"a.parquet, row {row}")) for row in range(3)
    ]

    assert len(without_repeats(positioned)[0]) == 3
