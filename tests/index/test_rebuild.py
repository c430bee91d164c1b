"""Collections that replace one another under one name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from seamline.core.errors import BadOption, InternalError, NotFound, SeamlineError
from seamline.index import Collection, Index, IndexSettings
from seamline.index.copying import copy_collection
from seamline.index.names import Physical, building_alias
from seamline.index.schema import fitting, indexes_of
from seamline.index.search_params import SearchParams
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
    old = fill(index.create(name, FINGERPRINT, (5, DIMENSION)), range(5))
    new = fill(index.build_beside(name, OTHER, (5, 2 * DIMENSION)), range(0))
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


def states(index: Index, name: str) -> list[tuple[int, str]]:
    """Rows and state of what is beside the collection that answers, oldest first."""
    (info,) = [entry for entry in index.collections() if entry.name == name]
    return [(kept.rows, kept.state) for kept in info.kept]


def test_a_rollback_goes_to_what_answered_before_and_not_to_what_was_rolled_back(index: Index, name: str) -> None:
    good = index.create(name, FINGERPRINT, (5, DIMENSION))
    bad = index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    index.publish(bad)
    assert index.rollback(name).physical == good.physical
    worse = index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    index.publish(worse)
    assert index.rollback(name).physical == good.physical
    assert index.open(name, FINGERPRINT).physical == good.physical
    assert states(index, name) == [(0, "kept"), (0, "kept")]
    with pytest.raises(NotFound, match="no older collection"):
        index.rollback(name)
    assert index.prune(name) == [bad.physical, worse.physical]
    left = [alias for made in index._all(name) for alias in index._aliases(made)]
    assert sorted(left) == [name, f"{name}__{FINGERPRINT}"]


def test_rollbacks_go_back_one_publication_each(index: Index, name: str) -> None:
    first = index.create(name, FINGERPRINT, (5, DIMENSION))
    second = index.build_beside(name, OTHER, (5, DIMENSION))
    index.publish(second)
    index.publish(index.build_beside(name, FINGERPRINT, (5, DIMENSION)))
    assert index.rollback(name).physical == second.physical
    assert index.rollback(name).physical == first.physical
    assert index.open(name, FINGERPRINT).physical == first.physical


@pytest.mark.parametrize("beside", [False, True])
def test_nothing_is_left_of_a_collection_that_is_interrupted_while_it_is_made(
    index: Index, monkeypatch: pytest.MonkeyPatch, beside: bool
) -> None:
    def stop(collection: Collection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Collection, "load", stop)
    with pytest.raises(KeyboardInterrupt):
        (index.build_beside if beside else index.create)("interrupted", FINGERPRINT, (5, DIMENSION))
    assert "interrupted" not in [entry.name for entry in index.collections()]
    with pytest.raises(NotFound):
        index.open("interrupted")


def test_a_collection_whose_making_was_killed_is_made_whole_by_the_next_rebuild(
    index: Index, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise SeamlineError("killed")

    old = fill(index.create(name, FINGERPRINT, (5, DIMENSION)), range(2))
    with monkeypatch.context() as patch:
        patch.setattr(Index, "_prepare", kill)
        patch.setattr(Index, "_remove", lambda *_: None)
        with pytest.raises(SeamlineError, match="killed"):
            index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    assert states(index, name) == [(0, "being filled")]
    assert index.prune(name) == []
    assert [found.physical for found in index.all_versions(name)] == [old.physical]

    again = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(5))
    assert states(index, name) == [(5, "being filled")]
    index.publish(again)
    assert index.open(name).rows() == 5


def test_what_a_killed_program_left_is_neither_published_nor_pruned(index: Index, name: str) -> None:
    index.create(name, FINGERPRINT, (5, DIMENSION))
    orphan = index._create(name, FINGERPRINT, (5, DIMENSION))  # killed before an alias stood for it
    half = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(2))
    index._forget(building_alias(name))  # killed while it was being deleted
    index.publish(index.build_beside(name, FINGERPRINT, (5, DIMENSION)))
    index.rollback(name)
    with pytest.raises(NotFound, match="no older"):
        index.rollback(name)
    assert states(index, name) == [(0, "unfinished"), (2, "unfinished"), (0, "kept")]
    assert len(index.prune(name)) == 1
    assert index.prune(name, unfinished=True) == [str(orphan), half.physical]


def test_a_rebuild_that_was_stopped_when_it_was_published_is_not_filled_again(
    index: Index, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.create(name, FINGERPRINT, (5, DIMENSION))
    new = index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    with monkeypatch.context() as patch:
        patch.setattr(Index, "_forget", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            index.publish(new)
    assert index.open(name).physical == new.physical
    other = index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    assert other.physical != new.physical
    assert states(index, name) == [(0, "kept"), (0, "being filled")]


@pytest.mark.parametrize("settings", [IndexSettings(index="FLAT"), IndexSettings(partition_by_category=True)])
def test_an_unfinished_rebuild_with_other_index_settings_is_not_taken_up(lite: str, settings: IndexSettings) -> None:
    index, other = Index(lite), Index(lite, settings=settings)
    index.build_beside("settled", FINGERPRINT, (5, DIMENSION))
    with pytest.raises(BadOption, match="with other index settings is unfinished; finish it with those"):
        other.build_beside("settled", FINGERPRINT, (5, DIMENSION))
    index.prune("settled", unfinished=True)
    index.close()
    other.close()


def test_an_index_is_that_of_the_settings_as_far_as_milvus_describes_it() -> None:
    described = {"index_type": "HNSW", "M": "16", "efConstruction": "200", "total_rows": 7}
    assert fitting(described, IndexSettings())
    assert not fitting(described, IndexSettings(parameters={"M": 32}))
    assert not fitting(described, IndexSettings(index="FLAT"))
    assert fitting({"index_type": "HNSW"}, IndexSettings())


def test_a_copy_leaves_alone_what_an_embedding_run_has_begun(index: Index, name: str) -> None:
    present = fill(index.create(name, FINGERPRINT, (5, DIMENSION)), range(3))
    begun = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(5, 7))
    copied = copy_collection(index, present)
    assert copied.rows() == 3
    assert begun.physical not in (copied.physical, present.physical)
    assert index.build_beside(name, FINGERPRINT, (5, DIMENSION)).rows() == 2


def test_an_item_can_be_deleted_from_every_collection_of_a_name(index: Index, name: str) -> None:
    first = fill(index.create(name, FINGERPRINT, (5, DIMENSION)), range(3))
    index.publish(fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(4)))
    begun = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(2))
    item, every = garment(1).item, index.all_versions(name)
    assert [found.physical for found in every] == [first.physical, index.open(name).physical, begun.physical]
    for found in every:
        found.delete(found.keys_of_items([item])[item])
        found.flush()
    index.publish(begun)
    assert [begun.rows(), index.rollback(name).rows(), index.rollback(name).rows()] == [1, 3, 2]
    with pytest.raises(NotFound, match="does not exist"):
        index.all_versions("nowhere")


def test_a_collection_is_published_once_its_index_is_built(
    index: Index, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.create(name, FINGERPRINT, (5, DIMENSION))
    new = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(9))
    answers = iter([(12, 9, 4, ""), (3, 9, 0, ""), (3, 9, 0, ""), (9, 9, 0, "")])
    told: list[tuple[int, int]] = []

    def describe(*_: object, **__: object) -> dict[str, Any]:
        done, total, pending, state = next(answers)
        return {"indexed_rows": done, "total_rows": total, "pending_index_rows": pending, "state": state}

    with monkeypatch.context() as patch:
        patch.setattr("seamline.index.collection._EVERY", 0.0)
        patch.setattr(index._client, "describe_index", describe)
        index.publish(new, lambda done, total: told.append((done, total)))
        assert told == [(9, 9), (3, 9)]
        answers = iter([(3, 9, 6, "Failed")])
        with pytest.raises(InternalError, match="could not be built"):
            new.wait_until_indexed()
    new.wait_until_indexed(rows=9)  # the server's own answer
    assert index.open(name).physical == new.physical


def test_an_unfinished_rebuild_is_taken_up_again_and_not_pruned(index: Index, name: str) -> None:
    old = fill(index.create(name, FINGERPRINT, (5, DIMENSION)), range(3))
    begun = fill(index.build_beside(name, FINGERPRINT, (5, DIMENSION)), range(2))
    assert index.build_beside(name, FINGERPRINT, (5, DIMENSION)).physical == begun.physical
    with pytest.raises(BadOption, match="unfinished"):
        index.build_beside(name, OTHER, (5, DIMENSION))
    with pytest.raises(NotFound, match="no older"):
        index.rollback(name)
    assert index.prune(name) == []
    (info,) = [entry for entry in index.collections() if entry.name == name]
    assert [kept.state for kept in info.kept] == ["being filled"]

    index.publish(begun)
    assert index.open(name, FINGERPRINT).physical == begun.physical
    found = index.open(name).candidates_of([VECTORS[1].reshape(-1)], SearchParams(5))[0]
    assert found.keys[0] == garment(1).key
    index.rollback(name)
    assert index.open(name, FINGERPRINT).physical == old.physical
    np.testing.assert_equal(index.open(name).rows(), 3)


def test_an_unfinished_rebuild_goes_when_that_is_asked_for(index: Index, name: str) -> None:
    index.create(name, FINGERPRINT, (5, DIMENSION))
    begun = index.build_beside(name, OTHER, (5, DIMENSION))
    assert index.prune(name, unfinished=True) == [begun.physical]
    again = index.build_beside(name, FINGERPRINT, (5, DIMENSION))
    assert again.physical != begun.physical


def test_what_a_stopped_first_import_left_is_listed_and_can_be_removed(index: Index) -> None:
    begun = index.build_beside("first", FINGERPRINT, (5, DIMENSION))
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
        index.open_or_create("outdated", FINGERPRINT, (5, DIMENSION))
    assert index.open("outdated").keys_of_items([entry.item, "none"]) == {entry.item: [entry.key]}
    copy_collection(index, index.open("outdated"))
    (page,) = index.open_or_create("outdated", FINGERPRINT, (5, DIMENSION)).garments()
    assert [(found.key, found.vectors.tobytes()) for found in page] == [(entry.key, entry.vectors.tobytes())]
    index.drop("outdated")
    index.close()


def test_dropping_takes_everything_that_is_kept(index: Index) -> None:
    index.create("gone", FINGERPRINT, (5, DIMENSION))
    index.publish(index.build_beside("gone", OTHER, (5, DIMENSION)))
    index.drop("gone")
    left = index.call(lambda client: client.list_collections())
    assert not [entry for entry in left if entry.startswith("gone__")]
    with pytest.raises(NotFound):
        index.open("gone", FINGERPRINT)
