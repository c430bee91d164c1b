"""Parquet files of garments: exact both ways, and refused when anything in them is wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seamline.core.errors import BadOption, InvalidArgument
from seamline.index import Garment
from seamline.index.garment import Value
from seamline.index.parquet import FOOTER, Header, read_header, read_rows, write_rows
from tests.support.rows import DIMENSION, FINGERPRINT, VECTORS, garment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    told: dict[str, Value] = {"seller": "Müller", "price": 1.5, "new": True, "season": None}
    write_rows(path, FINGERPRINT, (5, DIMENSION), (garment(number, metadata=told) for number in range(50)))
    return path


def test_garments_come_back_to_the_bit(file: Path) -> None:
    assert read_header(file) == Header(FINGERPRINT, (5, DIMENSION), 50)
    for number, found in enumerate(read_rows(file, batch=7)):
        assert found.key == garment(number).key
        assert found.metadata["seller"] == "Müller"
        np.testing.assert_array_equal(found.vectors.view(np.uint32), VECTORS[number].view(np.uint32))
    assert number == 49


def test_a_stream_is_read_as_a_file_is(file: Path) -> None:
    with file.open("rb") as stream:
        assert len(list(read_rows(io.BytesIO(stream.read())))) == 50


def test_an_empty_collection_is_a_file_too(tmp_path: Path) -> None:
    assert write_rows(tmp_path / "empty.parquet", FINGERPRINT, (5, DIMENSION), []) == 0
    assert list(read_rows(tmp_path / "empty.parquet")) == []


def test_the_columns_are_the_fields_of_the_collection(file: Path) -> None:
    schema = pq.read_schema(file)
    assert schema.names == ["pk", "item", "photo", "category", "parts", "record", "vector"]
    assert schema.field("vector").type == pa.list_(pa.float32())
    assert json.loads(schema.metadata[FOOTER])["parts"] == 5


def test_a_file_of_the_format_before_is_read(file: Path) -> None:
    """It had a column `regions` and no number of parts."""
    table = pq.read_table(file)
    before = json.loads(table.schema.metadata[FOOTER])
    told = {key: value for key, value in before.items() if key not in ("check", "parts")}
    told |= {"format": 1, "regions": ["collar", "chest", "waist", "left_sleeve", "right_sleeve"]}
    told["check"] = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    names = ["regions" if name == "parts" else name for name in table.column_names]
    older = table.rename_columns(names).replace_schema_metadata({FOOTER: json.dumps(told).encode()})
    expected = [garment.key for garment in read_rows(file)]
    pq.write_table(older, file, write_page_checksum=True)
    assert read_header(file) == Header(FINGERPRINT, (5, DIMENSION), 50)
    assert [garment.key for garment in read_rows(file)] == expected


def test_the_callers_footer_is_looked_at_last(tmp_path: Path) -> None:
    footer: dict[str, str] = {}

    def rows() -> Iterator[Garment]:
        yield garment(1)
        footer["journal"] = "done"

    write_rows(tmp_path / "a.parquet", FINGERPRINT, (5, DIMENSION), rows(), footer)
    assert pq.read_metadata(tmp_path / "a.parquet").metadata[b"journal"] == b"done"


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_text("the one before")

    def rows() -> Iterator[Garment]:
        yield garment(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_rows(path, FINGERPRINT, (5, DIMENSION), rows())
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("rows.parquet", "the one before")]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="cannot be written"):
        write_rows(tmp_path / "missing" / "a.parquet", FINGERPRINT, (5, DIMENSION), [])


def test_vectors_of_another_shape_are_not_written(tmp_path: Path) -> None:
    wrong = dataclasses.replace(garment(1), vectors=VECTORS[1][:, :3])
    with pytest.raises(InvalidArgument, match="another shape"):
        write_rows(tmp_path / "a.parquet", FINGERPRINT, (5, DIMENSION), [wrong])
    assert list(tmp_path.iterdir()) == []


def change(column: str, value: object) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        values = [value, *table.column(column).to_pylist()[1:]]
        index = table.schema.get_field_index(column)
        return table.set_column(index, table.schema.field(column), pa.array(values, table.schema.field(column).type))

    return changed


def tell(**told: object) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        before = json.loads(table.schema.metadata[FOOTER])
        del before["check"]
        after = before | told
        after["check"] = hashlib.sha256(json.dumps(after, sort_keys=True).encode()).hexdigest()[:16]
        return table.replace_schema_metadata({FOOTER: json.dumps(after).encode()})

    return changed


WRONG = {
    "is no export": lambda table: table.replace_schema_metadata({}),
    "is no export of": lambda table: table.drop_columns(["record"]),
    "newer seamline": tell(format=3),
    "a vector has not the 85 numbers": tell(dimension=17),
    "a vector has not the 80 numbers": change("vector", [1.0] * 79),
    "no number": change("vector", [float("nan")] * 80),
    "not that of its record": change("pk", "ab" * 23),
    "the key '[0-9a-f]+' is not": change("item", 5),
    "is not a record of seamline": change("record", '{"item": 3}'),
    "is not a record": change("record", "no JSON"),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_in_a_file_is_said(file: Path, sentence: str) -> None:
    table = WRONG[sentence](pq.read_table(file))
    pq.write_table(table, file)
    with pytest.raises(BadOption, match=sentence):
        list(read_rows(file))


def test_a_byte_that_has_changed_is_found_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write_rows(path, FINGERPRINT, (5, DIMENSION), [garment(1), garment(2)])
    whole, header, rows = path.read_bytes(), read_header(path), contents(path)
    refused = 0
    for place in range(0, len(whole), 29):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            assert (read_header(path), contents(path)) == (header, rows)
        except BadOption:
            refused += 1
    assert refused > len(whole) / 29 / 3


def contents(path: Path) -> list[tuple[str, bytes]]:
    return [(found.record, found.vectors.tobytes()) for found in read_rows(path)]


def test_a_cut_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(BadOption, match="damaged"):
        read_header(file)
