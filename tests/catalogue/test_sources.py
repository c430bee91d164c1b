"""Folders and manifests as streams of items."""

from __future__ import annotations

import datetime
import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.catalogue import Failure, Item, PhotoReader, open_source
from seamline.core.errors import BadOption, BadPhoto, NotFound, SeamlineError, Unsupported


def items(path: Path) -> list[Item]:
    entries = list(open_source(path))
    assert not [entry for entry in entries if isinstance(entry, Failure)]
    return [entry for entry in entries if isinstance(entry, Item)]


def failures(path: Path) -> list[str]:
    return [f"{entry.place}: {entry.reason}" for entry in open_source(path) if isinstance(entry, Failure)]


def manifest(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def parquet(folder: Path, **columns: object) -> Path:
    path = folder / "items.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_a_folder_is_read_recursively_in_the_order_of_paths(folder: Path) -> None:
    assert [item.item for item in items(folder)] == ["a.jpg", "deep/b.PNG", "deep/er/it's 100%.webp", "empty.jpg"]
    assert items(folder)[1].photo == str(folder / "deep" / "b.PNG")
    assert open_source(folder).count() == 4


def test_links_to_folders_are_not_followed_and_links_to_photos_are(folder: Path) -> None:
    (folder / "deep" / "circle").symlink_to(folder)
    (folder / "again.jpg").symlink_to(folder / "a.jpg")
    assert [item.item for item in items(folder)][:3] == ["a.jpg", "again.jpg", "deep/b.PNG"]


def test_a_link_in_a_circle_fails_alone(folder: Path) -> None:
    (folder / "circle.jpg").symlink_to("circle.jpg")
    assert [item.item for item in items(folder)][:3] == ["a.jpg", "circle.jpg", "deep/b.PNG"]
    with pytest.raises(BadPhoto, match="symbolic links"):
        PhotoReader().stat(str(folder / "circle.jpg"))


def test_a_csv_manifest_gives_items_with_metadata(folder: Path) -> None:
    text = '\ufeffitem,photo,seller,date\r\nA,a.jpg,"O\'Neil, ""Ltd""",2024-05-01\r\n"B\n2", deep/b.PNG,,\r\n'
    first, second = items(manifest(folder, "items.csv", text))
    assert (first.item, first.photo) == ("A", str(folder / "a.jpg"))
    assert first.metadata == {"seller": 'O\'Neil, "Ltd"', "date": "2024-05-01"}
    assert (second.item, second.photo, second.metadata) == ("B\n2", str(folder / "deep" / "b.PNG"), {})
    assert second.place == "items.csv, line 3"


def test_csv_rows_are_counted_by_line_ends_outside_quotes(folder: Path) -> None:
    text = 'item,photo\n"a\n""b""\n",x.jpg\nc,y.jpg\n"d\n,e",z.jpg'
    path = manifest(folder, "items.csv", text)
    assert open_source(path).count() == len(items(path)) == 3


def test_several_photos_of_an_item_are_a_list_or_repeated_rows(folder: Path) -> None:
    as_csv = manifest(folder, "items.csv", 'item,photo\nA,"[""a.jpg"", ""deep/b.PNG""]"\nB,a.jpg\nB,[1].jpg\n')
    assert [(item.item, Path(item.photo).name) for item in items(as_csv)] == [
        ("A", "a.jpg"), ("A", "b.PNG"), ("B", "a.jpg"), ("B", "[1].jpg"),
    ]  # fmt: skip
    as_json = manifest(
        folder, "items.jsonl", '{"item": 7, "photo": ["a.jpg", "/b.jpg"], "price": 9.5, "tags": ["x"]}\n'
    )
    assert items(as_json) == [
        Item("7", str(folder / "a.jpg"), {"price": 9.5, "tags": '["x"]'}, "items.jsonl, line 1"),
        Item("7", "/b.jpg", {"price": 9.5, "tags": '["x"]'}, "items.jsonl, line 1"),
    ]


def test_a_parquet_manifest_keeps_types_and_nested_values(folder: Path) -> None:
    path = parquet(
        folder,
        item=[1, 2],
        photo=[["a.jpg", "deep/b.PNG"], ["https://shop.example/2.jpg"]],
        date=[datetime.date(2024, 5, 1), None],
        sizes=[{"s": 1}, None],
        sold=[True, False],
    )
    first, _, third = items(path)
    assert first.metadata == {"date": "2024-05-01", "sizes": '{"s": 1}', "sold": True}
    assert third == Item("2", "https://shop.example/2.jpg", {"sold": False}, "items.parquet, row 2")
    assert open_source(path).count() == 2


def test_ids_with_quotes_commas_newlines_and_of_any_length_come_through(folder: Path) -> None:
    ids = ["it's", 'a "b", c', "x" * 10_000, "line\nbreak", "ürün-日本", "' or 1 == 1 --"]
    lines = "".join(json.dumps({"item": name, "photo": "a.jpg"}) + "\n" for name in ids)
    assert [item.item for item in items(manifest(folder, "items.jsonl", lines))] == ids
    assert [item.item for item in items(parquet(folder, item=ids, photo=["a.jpg"] * len(ids)))] == ids


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", b"item;photo\nA;a.jpg\n", "columns item, photo is missing"),
        ("a.csv", b"item\nA\n", "column photo is missing"),
        ("a.csv", b"", "columns item, photo is missing"),
        ("a.csv", b"item,photo,item\nA,a.jpg,B\n", "'item' is there twice"),
        ("a.csv", b"item,photo\nA,a.jpg\nB,\xff\xfe.jpg\n", "a.csv, line 3: this is not UTF-8"),
        ("a.csv", "item,photo\nA,a.jpg\n".encode("utf-16"), "line 1: this is not UTF-8"),
        ("a.jsonl", b'{"item": "\xe9"}\n', "a.jsonl, line 1: this is not UTF-8"),
        ("a.parquet", b"PAR1 and no more", "not a Parquet file"),
        ("a.txt", b"item,photo\n", "neither a folder of photos nor a manifest"),
    ],
)
def test_files_that_are_no_manifest_are_refused_at_once(tmp_path: Path, name: str, text: bytes, sentence: str) -> None:
    with pytest.raises(BadOption, match=sentence):
        open_source(manifest(tmp_path, name, text))


def test_bad_rows_of_a_csv_name_their_line_and_the_others_go_on(folder: Path) -> None:
    text = 'item,photo\n,a.jpg\nA,\nB\nC,a.jpg,x\n\n"D"x,a.jpg\nE,a.jpg\n"F,a.jpg\n'
    path = manifest(folder, "items.csv", text)
    assert failures(path) == [
        "items.csv, line 2: item is empty",
        "items.csv, line 3: photo is empty",
        "items.csv, line 4: photo is empty",
        "items.csv, line 5: the row has 3 cells and the header 2; quote cells with commas",
        "items.csv, line 7: the row is not CSV: ',' expected after '\"'",
        "items.csv, line 9: the row is not CSV: unexpected end of data",
    ]
    assert [entry.item for entry in open_source(path) if isinstance(entry, Item)] == ["E"]


def test_bad_rows_of_json_lines_name_their_line_and_the_others_go_on(folder: Path) -> None:
    text = '{"item": "A"\n[1]\n{"photo": "a.jpg"}\n{"item": true, "photo": "a"}\n{"item": "A", "photo": []}\n'
    path = manifest(folder, "items.jsonl", text + '{"item": "B", "photo": "a.jpg", "x": NaN}\n')
    reasons = [line.partition(": ")[2] for line in failures(path)]
    assert reasons[0].startswith("the line is not JSON: ")
    assert reasons[1:] == [
        "the line is not a JSON object", "item is missing", "item is neither text nor a whole number", "photo is empty",
    ]  # fmt: skip
    assert failures(path)[4].startswith("items.jsonl, line 5")
    assert [entry.metadata for entry in open_source(path) if isinstance(entry, Item)] == [{}]


def test_bad_rows_of_parquet_name_their_row_and_the_others_go_on(folder: Path) -> None:
    path = parquet(folder, item=["A", None, "C"], photo=["a.jpg", "a.jpg", ""])
    assert failures(path) == ["items.parquet, row 2: item is empty", "items.parquet, row 3: photo is empty"]
    offsets, data = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"A\xff")
    broken = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    assert failures(parquet(folder, item=broken, photo=["a.jpg", "a.jpg"])) == [
        "items.parquet, row 2: the row is not UTF-8"
    ]


def test_cells_that_are_nested_too_deeply_cost_only_their_row(folder: Path) -> None:
    as_csv = manifest(folder, "items.csv", f"item,photo\nA,{'[' * 5000}\nB,a.jpg\n")
    assert [item.item for item in items(as_csv)] == ["A", "B"]
    with pytest.raises(BadPhoto, match="name too long"):
        PhotoReader().stat(items(as_csv)[0].photo)
    rows = ('{"item": "A", "photo": "a.jpg", "x": ' + "[" * depth + "]" * depth + "}\n" for depth in range(500, 1000))
    as_json = manifest(folder, "items.jsonl", "".join(rows) + '{"item": "B", "photo": "a.jpg"}\n')
    assert any("x holds something that cannot be kept" in reason for reason in failures(as_json))
    *_, last = open_source(as_json)
    assert last == Item("B", str(folder / "a.jpg"), {}, "items.jsonl, line 501")


def test_a_time_that_python_has_no_date_for_costs_only_its_row(folder: Path) -> None:
    times = pa.array([0, 10**15, None], pa.timestamp("s"))
    path = parquet(folder, item=["A", "B", "C"], photo=["a.jpg"] * 3, sold=times)
    assert failures(path) == [
        "items.parquet, row 2: sold holds a value that cannot be read, such as a date after the year 9999"
    ]
    assert [entry.item for entry in open_source(path) if isinstance(entry, Item)] == ["A", "C"]
    times = pa.array([None, 0], pa.timestamp("s", tz="Nowhere/Town"))
    assert [line[:20] for line in failures(parquet(folder, item=["A", "B"], photo=["a.jpg"] * 2, sold=times))] == [
        "items.parquet, row 2"
    ]


def test_without_pyarrow_parquet_is_refused_with_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(folder, item=["A"], photo=["a.jpg"])
    for name in ("pyarrow", "pyarrow.parquet", "pyarrow.types"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unsupported, match=r"pip install 'seamline\[parquet\]'"):
        open_source(path)


def test_parquet_with_missing_or_binary_columns_is_refused(folder: Path) -> None:
    with pytest.raises(BadOption, match="column photo is missing"):
        open_source(parquet(folder, item=["A"]))
    for kind in (pa.binary(), pa.large_binary(), pa.binary(1)):
        with pytest.raises(BadOption, match="column 'image' holds bytes"):
            open_source(parquet(folder, item=["A"], photo=["a.jpg"], image=pa.array([b"x"], kind)))


def test_what_is_missing_or_unreadable_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_source(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SeamlineError, match="neither a folder"):
        open_source(tmp_path / "pipe.csv")


def test_sources_are_read_as_far_as_needed_and_may_be_read_again(folder: Path) -> None:
    source = open_source(manifest(folder, "items.csv", "item,photo\n" + "A,a.jpg\n" * 1000 + "broken\n"))
    assert next(iter(source)) == next(iter(source))
