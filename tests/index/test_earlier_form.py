"""A collection of the form before parts had names of their own: field `regions`, records with `region_boxes`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from seamline.core.errors import FingerprintMismatch
from seamline.index import Collection, Garment, Index
from seamline.index.copying import copy_collection
from seamline.index.keys import item_number, photo_number
from seamline.index.names import Physical, fingerprint_alias
from seamline.index.parquet import read_header, read_rows
from seamline.index.search_params import SearchParams
from seamline.index.transfer import export_collection, import_files
from tests.support.rows import DIMENSION, FINGERPRINT, OTHER, VECTORS, garment

ROWS = 40


def earlier_row(number: int) -> dict[str, object]:
    made = garment(number)
    record = json.loads(made.record)
    record["region_boxes"] = record.pop("part_boxes")
    vectors = VECTORS[number].copy()
    vectors[3:] *= number % 10 > 0  # every tenth has no sleeves
    return {
        "pk": made.key,
        "item": item_number(made.item),
        "photo": photo_number(made.item, made.photo),
        "category": number % 13,
        "regions": 0b11111 if number % 10 else 0b00111,
        "record": json.dumps(record),
        "vector": vectors.reshape(-1),
    }


@pytest.fixture
def earlier(lite: str) -> Iterator[Index]:
    """An index whose collection `earlier` was made by hand, as it used to be."""
    index, name = Index(lite), Physical.new("earlier", FINGERPRINT)
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=46)
    for field in ("item", "photo", "category", "regions"):
        schema.add_field(field, DataType.INT64)
    schema.add_field("record", DataType.VARCHAR, max_length=16_384)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=5 * DIMENSION)
    client = MilvusClient(lite)
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="IP", params={"M": 16, "efConstruction": 200})
    client.create_collection(str(name), schema=schema, index_params=indexes)
    client.insert(str(name), [earlier_row(number) for number in range(ROWS)])
    client.flush(str(name))
    for alias in ("earlier", fingerprint_alias("earlier", FINGERPRINT)):
        client.create_alias(str(name), alias)
    client.close()
    yield index
    index.drop("earlier")
    index.close()


def contents(collection: Collection) -> dict[str, Garment]:
    return {one.key: one for page in collection.garments() for one in page}


def same(one: Garment, other: Garment) -> bool:
    return one.record == other.record and np.array_equal(one.vectors, other.vectors)


def test_it_is_searched_and_added_to(earlier: Index) -> None:
    collection = earlier.open("earlier", FINGERPRINT)
    collection.check(FINGERPRINT)
    with pytest.raises(FingerprintMismatch, match="index the photos into another collection"):
        collection.check(OTHER)
    assert collection.shape == (5, DIMENSION)
    assert collection.incomplete() == ROWS // 10
    queries = [VECTORS[7].reshape(1, -1)]
    assert collection.candidates_of(queries, SearchParams(3))[0].keys[0] == garment(7).key
    lacking = collection.search(queries, SearchParams(10, incomplete=True))[0]
    assert sorted(lacking.keys) == sorted(garment(number).key for number in range(0, ROWS, 10))
    assert set(lacking.present.tolist()) == {0b00111}
    collection.store([garment(50)])
    collection.flush()
    assert collection.rows() == ROWS + 1


def test_rows_are_deleted_by_item(earlier: Index) -> None:
    collection = earlier.open("earlier")
    found = collection.keys_of_items([garment(3).item, garment(4).item, "no such item"])
    assert found == {garment(number).item: [garment(number).key] for number in (3, 4)}
    collection.delete([key for keys in found.values() for key in keys])
    collection.flush()
    assert collection.rows() == ROWS - 2


def test_it_goes_out_and_comes_in_with_boxes_under_todays_name(earlier: Index, tmp_path: Path) -> None:
    collection, file = earlier.open("earlier"), tmp_path / "earlier.parquet"
    assert export_collection(collection, file) == ROWS
    assert read_header(file).shape == (5, DIMENSION)
    assert {one.key for one in read_rows(file)} == set(collection.all_keys())
    loaded = import_files(earlier, "loaded", [file])
    before, after = contents(collection), contents(loaded)
    assert all(same(before[key], after[key]) for key in before)
    assert all("part_boxes" in json.loads(row["record"]) for row in loaded.query("", ["record"], ROWS))
    earlier.drop("loaded")


def test_a_rebuild_brings_it_into_todays_form_and_a_rollback_back(earlier: Index) -> None:
    old = earlier.open("earlier")
    before = contents(old)
    new = copy_collection(earlier, old)
    assert (new.present.name, old.present.name) == ("parts_5", "regions")
    assert new.incomplete() == old.incomplete()
    after = contents(new)
    assert after.keys() == before.keys()
    assert all(same(before[key], after[key]) for key in before)
    assert earlier.rollback("earlier").physical == old.physical
