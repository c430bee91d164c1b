"""The index against the real Milvus Lite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pymilvus import MilvusClient

from seamline.errors import BadOption, FingerprintMismatch, InternalError, InvalidArgument, NotFound, Unavailable
from seamline.index import Collection, Garment, Index
from seamline.spec import CATEGORIES
from tests.support.milvus_lite import free_port, milvus_lite

FINGERPRINT = "0123456789abcdef"
DIMENSION = 16
VECTORS = np.random.default_rng(0).normal(size=(700, 5, DIMENSION)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=-1, keepdims=True)


def garment(number: int, item: str | None = None, content: str | None = None) -> Garment:
    name = item if item is not None else f"item'\"%{number}"
    digest = hashlib.sha256((content or name).encode()).hexdigest()
    category = CATEGORIES[number % len(CATEGORIES)]
    boxes = [[0, 0, 1, 1]] * 5
    return Garment(name, f"{name}.jpg", digest, (10, 20), 0, category, [0, 0, 10, 20], boxes, VECTORS[number])


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        index = Index(uri)
        yield index
        index.close()


@pytest.fixture(scope="module")
def filled(index: Index) -> Collection:
    collection = index.create("filled", FINGERPRINT, DIMENSION)
    collection.store(garment(number) for number in range(700))
    collection.flush()
    return collection


def test_the_best_candidate_of_a_garment_is_itself(filled: Collection) -> None:
    found = filled.candidates(VECTORS[5].reshape(-1), 10)
    assert len(found.keys) == 10
    assert found.keys[0] == garment(5).key
    np.testing.assert_allclose(found.vectors[0], VECTORS[5], atol=1e-6)
    assert json.loads(found.records[0])["item"] == "item'\"%5"


def test_categories_limit_the_candidates(filled: Collection) -> None:
    found = filled.candidates(VECTORS[5].reshape(-1), 20, ["skirt", "vest"])
    assert {json.loads(record)["category"] for record in found.records} == {"skirt", "vest"}


def test_storing_again_adds_nothing(filled: Collection) -> None:
    filled.store([garment(number) for number in range(50)])
    filled.flush()
    assert filled.rows() == len(set(filled.all_keys())) == 700


def test_cohort_is_a_sample_that_stays(filled: Collection) -> None:
    first, second = filled.cohort(700), filled.cohort(700)
    assert 150 < len(first) < 400
    np.testing.assert_array_equal(first, second)


def test_a_small_collection_is_its_own_cohort(index: Index) -> None:
    collection = index.create("small", FINGERPRINT, DIMENSION)
    collection.store([garment(number) for number in range(9)])
    collection.flush()
    assert collection.cohort(9).shape == (9, 5, DIMENSION)


def test_all_keys_are_listed_in_several_ranges(filled: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.index._PAGE", 50)
    assert sorted(filled.all_keys()) == sorted(garment(number).key for number in range(700))


def test_deleted_rows_are_gone(index: Index) -> None:
    collection = index.create("deleting", FINGERPRINT, DIMENSION)
    collection.store([garment(1), garment(2)])
    collection.flush()
    collection.delete([garment(1).key])
    collection.flush()
    assert list(collection.all_keys()) == [garment(2).key]


def test_vectors_of_other_weights_are_refused_with_what_to_do(index: Index, filled: Collection) -> None:
    assert index.open_or_create("filled", FINGERPRINT, DIMENSION).physical == filled.physical
    with pytest.raises(FingerprintMismatch, match="index the photos again"):
        index.open_or_create("filled", "ffffffffffffffff", DIMENSION)


def test_collections_lists_names_rows_and_fingerprints(index: Index, filled: Collection) -> None:
    (info,) = [entry for entry in index.collections() if entry.name == "filled"]
    assert (info.rows, info.fingerprint) == (700, FINGERPRINT)


def test_dropping_removes_the_name(index: Index) -> None:
    index.create("dropped", FINGERPRINT, DIMENSION)
    index.drop("dropped")
    assert "dropped" not in index.names()
    with pytest.raises(NotFound):
        index.drop("dropped")


def test_foreign_collections_in_the_same_milvus_are_left_out(index: Index, filled: Collection) -> None:
    def make(client: MilvusClient) -> None:
        client.create_collection("foreign", dimension=4)
        client.create_alias("foreign", "somebodys")

    index.call(make)
    assert "filled" in [info.name for info in index.collections()]
    assert "somebodys" not in index.names()


def test_two_programs_that_make_a_collection_at_once_share_it(index: Index) -> None:
    first = index.create("shared", FINGERPRINT, DIMENSION)
    second = index._create_or_join("shared", FINGERPRINT, DIMENSION)
    assert second.physical == first.physical
    physical = index.call(lambda client: client.list_collections())
    assert len([name for name in physical if name.startswith("shared__")]) == 1


def test_a_refusal_of_milvus_is_not_shown(index: Index, filled: Collection) -> None:
    with pytest.raises(InternalError, match="log names the cause") as caught:
        filled._query("no expression (", ["pk"], limit=1)
    assert "expression (" not in str(caught.value)


def test_unknown_collection_is_not_found(index: Index) -> None:
    with pytest.raises(NotFound, match="seamline collections"):
        index.open("nothing")


@pytest.mark.parametrize("name", ["", "a b", "a'; drop", "%", "*", "../x", "1a", "a" * 64, "é", 'a"'])
def test_impossible_names_are_refused_before_the_index_sees_them(index: Index, name: str) -> None:
    with pytest.raises(BadOption, match="COLLECTION"):
        index.open(name)


def test_an_overlong_item_id_is_refused(filled: Collection) -> None:
    with pytest.raises(InvalidArgument, match="1024"):
        filled.store([garment(3, item="x" * 10_000)])


def test_an_absent_index_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="try again"):
        Index(f"http://127.0.0.1:{free_port()}", timeout=1.0).names()
