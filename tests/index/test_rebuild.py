"""Collections that replace one another under one name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from seamline.errors import BadOption, NotFound
from seamline.index import Collection, Index, IndexSettings
from seamline.index.candidates import Wanted
from seamline.index.names import Physical
from seamline.index.schema import indexes_of
from seamline.index.transfer import copy_collection
from tests.support.rows import DIMENSION, FINGERPRINT, OTHER, VECTORS, garment


@pytest.fixture
def name(index: Index, request: pytest.FixtureRequest) -> Iterator[str]:
    yield "turning"
    index.drop("turning")


def fill(collection: Collection, numbers: range) -> Collection:
    collection.store([garment(number) for number in numbers])
    collection.flush()
    return collection


def test_a_rebuild_serves_new_weights_while_the_old_ones_go_on(index: Index, name: str) -> None:
    old = fill(index.create(name, FINGERPRINT, DIMENSION), range(5))
    new = fill(index.build_beside(name, OTHER, 2 * DIMENSION), range(0))
    assert index.open(name).physical == old.physical
    assert index.open(name, OTHER).physical == old.physical  # which `check` then refuses

    index.publish(new)
    assert index.open(name).physical == index.open(name, OTHER).physical == new.physical
    assert index.open(name, FINGERPRINT).physical == old.physical
    assert index.open(name, FINGERPRINT).rows() == 5
    (info,) = [entry for entry in index.collections() if entry.name == name]
    assert (info.physical, info.fingerprint, info.rows) == (new.physical, OTHER, 0)
    assert [(kept.physical, kept.fingerprint, kept.state) for kept in info.kept] == [
        (old.physical, FINGERPRINT, "serves its weights")
    ]

    index.rollback(name)
    assert index.open(name).physical == old.physical
    assert index.open(name, OTHER).physical == new.physical
    with pytest.raises(NotFound, match="no older collection"):
        index.rollback(name)
    assert index.prune(name) == [new.physical]
    assert index.open(name, OTHER).physical == old.physical


def test_an_unfinished_rebuild_is_taken_up_again_and_not_pruned(index: Index, name: str) -> None:
    old = fill(index.create(name, FINGERPRINT, DIMENSION), range(3))
    begun = fill(index.build_beside(name, FINGERPRINT, DIMENSION), range(2))
    assert index.build_beside(name, FINGERPRINT, DIMENSION).physical == begun.physical
    with pytest.raises(BadOption, match="unfinished"):
        index.build_beside(name, OTHER, DIMENSION)
    with pytest.raises(NotFound, match="no older"):
        index.rollback(name)
    assert index.prune(name) == []
    (info,) = [entry for entry in index.collections() if entry.name == name]
    assert [kept.state for kept in info.kept] == ["being filled"]

    index.publish(begun)
    assert index.open(name, FINGERPRINT).physical == begun.physical
    found = index.open(name).candidates_of([VECTORS[1].reshape(-1)], Wanted(5))[0]
    assert found.keys[0] == garment(1).key
    index.rollback(name)
    assert index.open(name, FINGERPRINT).physical == old.physical
    np.testing.assert_equal(index.open(name).rows(), 3)


def test_an_unfinished_rebuild_goes_when_that_is_asked_for(index: Index, name: str) -> None:
    index.create(name, FINGERPRINT, DIMENSION)
    begun = index.build_beside(name, OTHER, DIMENSION)
    assert index.prune(name, unfinished=True) == [begun.physical]
    again = index.build_beside(name, FINGERPRINT, DIMENSION)
    assert again.physical != begun.physical


def test_what_a_stopped_first_import_left_is_listed_and_can_be_removed(index: Index) -> None:
    begun = index.build_beside("first", FINGERPRINT, DIMENSION)
    (info,) = [entry for entry in index.collections() if entry.name == "first"]
    assert (info.physical, [kept.state for kept in info.kept]) == ("", ["being filled"])
    assert "first" not in index.names()
    assert index.prune("first") == []
    assert index.prune("first", unfinished=True) == [begun.physical]
    with pytest.raises(NotFound, match="does not exist"):
        index.prune("first")


def test_a_collection_of_an_older_layout_is_refused_until_it_is_rebuilt(lite: str) -> None:
    index = Index(lite)
    old = Physical.new("outdated", FINGERPRINT)
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=46)
    schema.add_field("category", DataType.INT8)
    schema.add_field("record", DataType.VARCHAR, max_length=16_384)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=5 * DIMENSION)
    entry = garment(4)
    row = {"pk": entry.key, "category": 4, "record": entry.record, "vector": entry.vectors.reshape(-1)}

    def make(client: MilvusClient) -> None:
        client.create_collection(str(old), schema=schema, index_params=indexes_of(IndexSettings(), ""))
        client.create_alias(str(old), "outdated")
        client.upsert(str(old), [row])

    index.call(make)
    with pytest.raises(BadOption, match="older seamline"):
        index.open_or_create("outdated", FINGERPRINT, DIMENSION)
    copy_collection(index, index.open("outdated"))
    (page,) = index.open_or_create("outdated", FINGERPRINT, DIMENSION).garments()
    assert [(found.key, found.vectors.tobytes()) for found in page] == [(entry.key, entry.vectors.tobytes())]
    index.drop("outdated")
    index.close()


def test_dropping_takes_everything_that_is_kept(index: Index) -> None:
    index.create("gone", FINGERPRINT, DIMENSION)
    index.publish(index.build_beside("gone", OTHER, DIMENSION))
    index.drop("gone")
    left = index.call(lambda client: client.list_collections())
    assert not [entry for entry in left if entry.startswith("gone__")]
    with pytest.raises(NotFound):
        index.open("gone", FINGERPRINT)
