"""Folders and manifests as streams of items."""

from __future__ import annotations

import datetime
import inspect
import json
import os
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.catalogue import Failure, Item, PhotoReader, open_source
from seamline.catalogue.items import problem_of
from seamline.catalogue.sources import left_out
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


def test_what_a_walk_passes_over_is_counted_by_kind(folder: Path) -> None:
    for name in ("b.jfif", "c.JPE", "d.heic", "e.heif", "f.tif", "g.TIF", ".h.jpg", "._a.jpg", "Thumbs.db", "README"):
        (folder / name).touch()
    for name in (".Trash-1000", "@eaDir", "#recycle", "__MACOSX", "deep/@eaDir", "deep/empty"):
        (folder / name).mkdir()
        (folder / name / "x.jpg" if name != "deep/empty" else folder / "deep" / "x").touch()
    (folder / "deep" / "circle").symlink_to(folder)
    (folder / "gone").symlink_to("nowhere")
    source = open_source(folder)
    assert left_out(source) == {}
    found = [item.item for item in source if isinstance(item, Item)]
    assert found == ["a.jpg", "b.jfif", "c.JPE", "deep/b.PNG", "deep/er/it's 100%.webp", "empty.jpg"]
    assert left_out(source) == {
        "hidden": 3, "system": 5, "link to a folder": 1, "no suffix": 3, ".heic": 1, ".heif": 1, ".tif": 2, ".txt": 1,
    }  # fmt: skip


def test_names_that_are_not_utf_8_or_differ_in_their_normal_form_are_items_of_their_own(folder: Path) -> None:
    for name in (b"\xfc.jpg", "\u00fc.jpg".encode(), "u\u0308.jpg".encode()):
        Path(os.fsdecode(os.fsencode(folder / "deep") + b"/" + name)).touch()
    found = [item for item in items(folder) if "er" not in item.item and item.item != "a.jpg"]
    assert {item.item for item in found} >= {"deep/\udcfc.jpg", "deep/\u00fc.jpg", "deep/u\u0308.jpg"}
    reasons = {problem.reason for item in found if (problem := problem_of(item))}
    assert reasons == {"item holds the byte 0xFC of another encoding after 'deep/'; names and texts have to be UTF-8"}


def test_folders_that_go_away_or_change_into_files_while_they_are_walked_fail_alone(folder: Path) -> None:
    for name in ("x", "y", "z"):
        (folder / name).mkdir()
        (folder / name / "1.jpg").touch()
    walk = iter(open_source(folder))
    assert next(walk) == Item("a.jpg", str(folder / "a.jpg"))
    shutil.rmtree(folder / "x")
    shutil.rmtree(folder / "y")
    (folder / "y").touch()
    rest = list(walk)
    assert [entry.place for entry in rest if isinstance(entry, Failure)] == [str(folder / "x"), str(folder / "y")]
    assert rest[-1] == Item("z/1.jpg", str(folder / "z" / "1.jpg"))


def test_folders_may_lie_deeper_than_python_calls(tmp_path: Path) -> None:
    deepest = tmp_path / ("d/" * 300)
    deepest.mkdir(parents=True)
    (deepest / "x.jpg").touch()
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 150)
        found = list(open_source(tmp_path))
    finally:
        sys.setrecursionlimit(limit)
    assert found == [Item("d/" * 300 + "x.jpg", str(deepest / "x.jpg"))]


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


@pytest.mark.parametrize(
    "text",
    [
        b"item,photo,seller,,\r\nA,a.jpg,x,,\r\n,,,,\r\n",
        b"item;photo;seller\r\nA;a.jpg;x\r\n",
        b"item\tphoto\tseller\r\nA\ta.jpg\tx\r\n",
        b"item|photo|seller\nA|a.jpg|x\n",
        b"sep=,\r\nitem,photo,seller\r\nA,a.jpg,x\r\n",
        b'\xef\xbb\xbf"sep=;"\r\nitem;photo;seller\r\nA;a.jpg;x\r\n',
        b"sep=^,,\nitem^photo^seller\nA^a.jpg^x\n",
        b"sep=;;;\nitem;photo;seller\nA;a.jpg;x\n",
        b"\r\n,,\r\n Item ,PHOTO,seller\r\nA,a.jpg,x\r\n",
        b",item,photo,seller\n0,A,a.jpg,x\n",
        b"item,photo,seller\rA,a.jpg,x\r",
        "\ufeffitem\tphoto\tseller\r\nA\ta.jpg\tx\r\n".encode("utf-16-le"),
        "\ufeffitem,photo,seller\nA,a.jpg,x\n".encode("utf-16-be"),
        "item,photo,seller\nA,a.jpg,x\n".encode("utf-16-le"),
        "item,photo,seller\nA,a.jpg,x\n".encode("utf-16-be"),
    ],
)
def test_csv_is_read_as_excel_and_others_write_it(folder: Path, text: bytes) -> None:
    path = manifest(folder, "items.csv", text)
    (found,) = items(path)
    assert (found.item, found.photo, dict(found.metadata)) == ("A", str(folder / "a.jpg"), {"seller": "x"})


def test_tabs_and_semicolons_go_by_the_suffixes_that_excel_gives_them(folder: Path) -> None:
    text = "\ufeffItem\tPhoto\tPreis\r\n7\ta.jpg\t9,50\r\n".encode("utf-16-le")
    for name in ("items.txt", "items.tsv"):
        (found,) = items(manifest(folder, name, text))
        assert found == Item("7", str(folder / "a.jpg"), {"Preis": "9,50"}, f"{name}, line 2")


def test_lines_are_named_as_an_editor_counts_them_also_after_sep_and_empty_rows(folder: Path) -> None:
    text = 'sep=;\n;\nitem;photo;title\nA;a.jpg;"two\nlines"\n\nB;;x\n"C;a.jpg;x\nD;a.jpg;x"y"\nE;a.jpg;x\n'
    path = manifest(folder, "items.csv", text)
    assert failures(path) == [
        "items.csv, line 7: photo is empty",
        "items.csv, line 8: the row is not CSV: ';' expected after '\"'; double the quotes inside a quoted cell",
    ]
    found = [entry for entry in open_source(path) if isinstance(entry, Item)]
    assert [(one.item, one.place.rpartition(" ")[2]) for one in found] == [("A", "4"), ("D", "9"), ("E", "10")]


def test_an_unclosed_quote_or_an_endless_cell_costs_its_own_row_alone(folder: Path) -> None:
    rows = [f"{number},a.jpg,x\n" for number in range(20_000)]
    rows[5] = '5,a.jpg,"x\n'
    rows[9] = f"9,a.jpg,{'y' * 200_000}\n"
    path = manifest(folder, "items.csv", "item,photo,title\n" + "".join(rows))
    assert failures(path) == [
        "items.csv, line 7: a cell has more than 131,072 characters; a quote may be missing",
        "items.csv, line 11: a cell has more than 131,072 characters; a quote may be missing",
    ]
    assert len([entry for entry in open_source(path) if isinstance(entry, Item)]) == 19_998


def test_what_spreadsheets_make_of_ids_is_said(folder: Path) -> None:
    text = "item;photo\n1001.0;a.jpg\n1,23457E+12;a.jpg\n#N/A;a.jpg\nA;#REF!\n1.5;a.jpg\n00042;a.jpg\n"
    path = manifest(folder, "items.csv", text)
    assert failures(path) == [
        "items.csv, line 2: item is 1001.0, a number with a decimal point; write the id as a whole number or as text",
        "items.csv, line 3: item is 1,23457E+12, to which a spreadsheet has rounded an id; "
        "format the column as text and save it again",
        "items.csv, line 4: item is #N/A, an error of the spreadsheet",
        "items.csv, line 5: photo is #REF!, an error of the spreadsheet",
    ]
    assert [entry.item for entry in open_source(path) if isinstance(entry, Item)] == ["1.5", "00042"]
    numbers = parquet(folder, item=[1001.0, None], photo=["a.jpg", "a.jpg"])
    assert failures(numbers) == [
        "items.parquet, row 1: item is 1001.0, a number with a decimal point; store ids as text or as whole numbers",
        "items.parquet, row 2: item is empty",
    ]


def test_backslashes_part_folders_unless_a_file_has_that_name(folder: Path) -> None:
    (folder / "odd\\name.jpg").write_bytes(b"g")
    text = "item,photo\n1,deep\\b.PNG\n2,odd\\name.jpg\n3,C:\\photos\\a.jpg\n4,\\\\nas\\photos\\a.jpg\n"
    path = manifest(folder, "items.csv", text)
    found = [entry.photo for entry in open_source(path) if isinstance(entry, Item)]
    assert found == [str(folder / "deep" / "b.PNG"), str(folder / "odd\\name.jpg")]
    assert [line[:36] for line in failures(path)] == [
        "items.csv, line 4: photo is 'C:\\\\pho", "items.csv, line 5: photo is '\\\\\\\\nas",
    ]  # fmt: skip
    as_json = manifest(
        folder, "items.jsonl", '{"Item": "1", "PHOTO": "deep\\\\b.PNG"}\n{"item":"2","photo":"\\ud83d\\\\x"}\n'
    )
    assert items(as_json)[0].photo == str(folder / "deep" / "b.PNG")


def test_text_that_is_no_unicode_is_named_by_column_and_character(folder: Path) -> None:
    lines = b'{"item":"1","photo":"a.jpg","title":"bad \\ud83d"}\n{"item":"2","photo":"a.jpg","title":"J\xfcrgen"}\n'
    found = items(manifest(folder, "items.jsonl", lines + b'{"item":"3","photo":"a.jpg"}\n'))
    problems = [problem_of(item) for item in found]
    assert [problem and problem.reason for problem in problems] == [
        "title holds half a character (\\ud83d) after 'bad '; names and texts have to be UTF-8",
        "title holds the byte 0xFC of another encoding after 'J'; names and texts have to be UTF-8",
        None,
    ]
    damaged = "item,photo,title\n1,a.jpg,Größe\n2,a.jpg,Gr".encode() + b"\xc3\n3,a.jpg,x\n"
    found = items(manifest(folder, "items.csv", damaged))
    assert [problem_of(item) is None for item in found] == [True, False, True]


def test_a_folder_of_parquet_parts_is_a_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "items"
    for part, item in (
        ("b.parquet", "B"),
        ("seller=x%2Fy/Size=__HIVE_DEFAULT_PARTITION__/a.PARQUET", "S"),
        ("a.parquet", "A"),
    ):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"Item": [item], " photo": ["p/1.jpg"]}), folder / part)
    for name in ("_SUCCESS", "._SUCCESS.crc", "_temporary/0/a.parquet", ".old.parquet", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    photo = str(folder / "p" / "1.jpg")
    assert items(folder) == [
        Item("A", photo, {}, "a.parquet, row 1"),
        Item("B", photo, {}, "b.parquet, row 1"),
        Item("S", photo, {"seller": "x/y"}, "seller=x%2Fy/Size=__HIVE_DEFAULT_PARTITION__/a.PARQUET, row 1"),
    ]
    assert open_source(folder).count() == 3
    (folder / "p").mkdir()
    (folder / "p" / "1.jpg").touch()
    assert [item.item for item in items(folder)] == ["p/1.jpg"]
    folder.rename(tmp_path / "items.parquet")
    assert [item.item for item in items(tmp_path / "items.parquet")] == ["A", "B", "S"]


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
        (
            "a.csv",
            b"item;image;seller\nA;a.jpg;x\n",
            "photo is missing.* 'item', 'image', 'seller', separated by semicolons",
        ),
        ("a.csv", b"item\nA\n", "column photo is missing"),
        ("a.csv", b"", "columns item, photo are missing"),
        ("a.csv", b"\xef\xbb\xbf\r\n,,\r\n", "columns item, photo are missing"),
        ("a.csv", b"sep=;\nitem,photo\nA,a.jpg\n", "columns item, photo are missing.* 'item,photo'$"),
        ("a.csv", b"item,photo,item\nA,a.jpg,B\n", "'item' is there twice, as columns 1 and 3"),
        ("a.csv", b"Item,photo, ITEM \nA,a.jpg,B\n", "'item' is there twice, as columns 1 and 3"),
        ("a.csv", b"item,photo\nA,a.jpg\nB,\xff\xfe.jpg\n", "a.csv, line 3, character 3: the byte 0xFF is not UTF-8"),
        (
            "a.csv",
            "item,photo,seller\r\nA,a.jpg,Jürgen\r\n".encode("cp1252"),
            "line 2, character 10: the byte 0xFC is not UTF-8; in Windows-1252 it is ü; .*in Excel as `CSV UTF-8`",
        ),
        ("a.csv", "item,photo\n".encode("utf-16") + b"A", "line 2, character 1: this is not UTF-16 any more"),
        ("a.csv", b'"item"x,photo\n', "line 1: this is not a CSV header"),
        ("a.json", b'[{"item": "A", "photo": "a.jpg"}]', "one JSON document.*`jq -c"),
        ("a.jsonl", b'\n{\n"item": "A", "photo": "a.jpg"}', "one JSON document.*`jq -c"),
        ("a.parquet", b"PAR1 and no more", "not a Parquet file"),
        ("a.xlsx", b"PK", "neither a folder of photos nor a manifest"),
        ("a.txt", b"some words\n", "columns item, photo are missing"),
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
        "items.csv, line 5: 'x' stands in column 3, which has no name in the header; "
        "name the column, or quote cells with commas",
        "items.csv, line 7: the row is not CSV: ',' expected after '\"'; double the quotes inside a quoted cell",
        "items.csv, line 9: a quote is opened and never closed",
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
        "items.parquet, row 2: item holds text that is not UTF-8"
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
