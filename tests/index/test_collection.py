"""A collection against the real Milvus Lite and a real standalone server."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from pymilvus import MilvusClient

from seamline.core.box_corners import box_corners, boxes_around
from seamline.core.errors import BadOption, FingerprintMismatch, InternalError, InvalidArgument, NotFound, Unavailable
from seamline.index import Collection, Garment, Index
from seamline.index.garment import CORNERS, Value, part_corners, turned_corners
from seamline.index.search_params import SearchParams
from tests.support.milvus_lite import free_port
from tests.support.rows import DIMENSION, FINGERPRINT, OTHER, VECTORS, garment
from tests.support.scenes import turned


@pytest.fixture(scope="module")
def changing(index: Index) -> Iterator[Collection]:
    """A collection that tests fill and empty again; making one takes a real server some seconds."""
    yield index.create("changing", FINGERPRINT, (5, DIMENSION))
    index.drop("changing")


@pytest.fixture
def empty(changing: Collection) -> Collection:
    changing.delete(list(changing.all_keys()))
    changing.flush()
    return changing


def test_the_best_candidate_of_a_garment_is_itself(filled: Collection) -> None:
    found = filled.candidates_of([VECTORS[5].reshape(-1)], SearchParams(10))[0]
    assert len(found.keys) == 10
    assert found.keys[0] == garment(5).key
    np.testing.assert_allclose(found.vectors[0], VECTORS[5], atol=1e-6)
    assert json.loads(found.records[0])["item"] == "item'\"%5"


def test_categories_limit_the_candidates(filled: Collection) -> None:
    found = filled.candidates_of([VECTORS[5].reshape(-1)], SearchParams(20, ("skirt", "vest")))[0]
    assert {json.loads(record)["category"] for record in found.records} == {"skirt", "vest"}


def test_storing_again_replaces_what_was_there(empty: Collection) -> None:
    for _ in range(2):
        empty.store([garment(number) for number in range(50)])
        empty.flush()
    assert empty.rows() == len(list(empty.all_keys())) == 50


def test_what_was_flushed_is_seen_at_once(empty: Collection) -> None:
    for number in range(3):
        empty.store([garment(number)])
        empty.flush()
        assert empty.rows() == number + 1
        assert garment(number).key in set(empty.all_keys())


def test_cohort_is_a_sample_that_stays(filled: Collection) -> None:
    first, second = (filled.cohort(2_800) for _ in range(2))  # as if it were one of four parts
    assert 150 < len(first) < 400
    np.testing.assert_array_equal(first, second)


def test_a_small_collection_is_its_own_cohort(empty: Collection) -> None:
    empty.store([garment(number) for number in range(9)])
    empty.flush()
    empty.wait_until_visible()
    assert empty.cohort(9).shape == (9, 5, DIMENSION)


def test_all_keys_are_listed_in_several_ranges(filled: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.index.collection._PAGE", 50)
    assert list(filled.all_keys()) == sorted(garment(number).key for number in range(700))


def test_ranges_that_hold_more_than_a_query_returns_are_halved(
    filled: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seamline.index.pages.MOST", 100)
    assert list(filled.all_keys()) == sorted(garment(number).key for number in range(700))


def test_deleted_rows_are_gone(empty: Collection) -> None:
    empty.store([garment(1), garment(2)])
    empty.flush()
    empty.delete([garment(1).key])
    empty.flush()
    assert list(empty.all_keys()) == [garment(2).key]


def test_the_rows_of_photos_are_found_and_only_those(empty: Collection) -> None:
    empty.store([garment(1), garment(1, content="older"), garment(2), garment(3)])
    empty.flush()
    pairs = [(garment(number).item, garment(number).photo) for number in (1, 2, 9)]
    found = empty.stored(pairs)
    assert {pair: sorted(keys) for pair, keys in found.items()} == {
        pairs[0]: sorted([garment(1).key, garment(1, content="older").key]),
        pairs[1]: [garment(2).key],
    }
    assert empty.stored([]) == {}


def test_the_rows_of_many_photos_are_found_in_chunks(filled: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.index.collection._ASKED", 300)
    pairs = [(garment(number).item, garment(number).photo) for number in range(700)]
    assert filled.stored(pairs) == {pair: [garment(number).key] for number, pair in enumerate(pairs)}


def test_the_rows_of_items_are_found_by_any_id(filled: Collection) -> None:
    names = [garment(5).item, garment(6).item, "never stored", "item' or 1 == 1 --"]
    assert filled.keys_of_items(names) == {names[0]: [garment(5).key], names[1]: [garment(6).key]}


def test_rows_of_another_item_with_the_same_number_are_left_alone(
    filled: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seamline.index.collection.item_number", lambda item: _number(5))
    assert filled.keys_of_items(["twin of 5"]) == {}


def _number(number: int) -> int:
    from seamline.index.keys import item_number

    return item_number(garment(number).item)


def test_metadata_come_back_with_a_hit(empty: Collection) -> None:
    told: dict[str, Value] = {"seller": "Müller & 'Söhne'", "price": 19.5, "season": None, "new": True, "views": 7}
    empty.store([garment(1, metadata=told)])
    empty.flush()
    empty.wait_until_visible()
    (record,) = empty.candidates_of([VECTORS[1].reshape(-1)], SearchParams(1))[0].records
    assert json.loads(record)["metadata"] == told


def test_all_rows_come_back_as_the_garments_that_were_stored(filled: Collection) -> None:
    found = list(itertools.chain.from_iterable(filled.garments()))
    assert [entry.key for entry in found] == sorted(garment(number).key for number in range(700))
    expected = {garment(number).key: garment(number) for number in range(700)}
    for entry in found:
        assert entry.record == expected[entry.key].record
        np.testing.assert_array_equal(entry.vectors, expected[entry.key].vectors)


def test_vectors_of_other_weights_are_refused_with_what_to_do(index: Index, filled: Collection) -> None:
    assert index.open_or_create("filled", FINGERPRINT, (5, DIMENSION)).physical == filled.physical
    with pytest.raises(FingerprintMismatch, match="index the photos into another collection"):
        index.open_or_create("filled", OTHER, (5, DIMENSION))


def test_collections_lists_names_rows_and_fingerprints(index: Index, filled: Collection) -> None:
    (info,) = [entry for entry in index.collections() if entry.name == "filled"]
    assert (info.rows, info.fingerprint) == (700, FINGERPRINT)


def test_dropping_removes_the_name(index: Index) -> None:
    index.create("dropped", FINGERPRINT, (5, DIMENSION))
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
    with pytest.raises(NotFound, match="not made by seamline"):
        index.open("somebodys")
    index.call(lambda client: (client.drop_alias("somebodys"), client.drop_collection("foreign")))


def test_two_programs_that_make_a_collection_at_once_share_it(index: Index, filled: Collection) -> None:
    second = index._create_or_join("filled", FINGERPRINT, (5, DIMENSION))
    assert second.physical == filled.physical
    physical = index.call(lambda client: client.list_collections())
    assert len([name for name in physical if name.startswith("filled__")]) == 1


def test_a_refusal_of_milvus_is_not_shown(index: Index, filled: Collection) -> None:
    with pytest.raises(InternalError, match="log names the cause") as caught:
        filled.query("no expression (", ["pk"], limit=1)
    assert "expression (" not in str(caught.value)


def test_unknown_collection_is_not_found(index: Index) -> None:
    with pytest.raises(NotFound, match="seamline collections"):
        index.open("nothing")


@pytest.mark.parametrize(
    "name", ["", "a b", "a'; drop", "%", "*", "../x", "1a", "a" * 64, "é", 'a"', "a__building", "a__0123abcd"]
)
def test_impossible_names_are_refused_before_the_index_sees_them(index: Index, name: str) -> None:
    with pytest.raises(BadOption, match="COLLECTION"):
        index.open(name)


def test_an_overlong_item_id_is_refused(filled: Collection) -> None:
    with pytest.raises(InvalidArgument, match="1024"):
        filled.store([garment(3, item="x" * 10_000)])


def test_an_item_with_too_much_metadata_is_refused(filled: Collection) -> None:
    with pytest.raises(InvalidArgument, match="a row holds 16,384"):
        filled.store([garment(3, metadata={"text": "x" * 17_000})])


def test_an_absent_index_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="try again"):
        Index(f"http://127.0.0.1:{free_port()}", timeout=1.0).names()


def test_a_search_sees_all_rows_once_they_are_said_to_be_visible(empty: Collection) -> None:
    for number in range(3):
        empty.store([garment(number)])
        empty.wait_until_visible()
        assert len(empty.candidates_of([VECTORS[0].reshape(-1)], SearchParams(5))[0].keys) == number + 1


def test_a_record_tells_the_corners_of_a_turned_garment_and_of_no_other() -> None:
    boxes = np.array([[0, 0, 10, 20], [10, 0, 20, 20]], np.float32)
    vectors, slant = VECTORS[0][:2], turned(box_corners(boxes), (10, 10), 30)
    assert turned_corners(boxes, box_corners(boxes)) is None
    upright = dataclasses.replace(garment(0), part_boxes=boxes.tolist(), vectors=vectors)
    assert CORNERS not in json.loads(upright.record)
    assert Garment.from_record(upright.record, vectors).corners is None
    lying = dataclasses.replace(upright, corners=turned_corners(boxes_around(slant), slant))
    told = Garment.from_record(lying.record, vectors)
    np.testing.assert_allclose(told.corners, slant, atol=0.051)
    assert told.record == lying.record
    np.testing.assert_allclose(part_corners(json.loads(lying.record)), slant, atol=0.051)
    np.testing.assert_array_equal(part_corners(json.loads(upright.record)), box_corners(boxes))


def test_parts_without_a_place_have_no_numbers_in_the_record() -> None:
    boxes = [[0.0, 0.0, 1.0, 1.0], [math.nan] * 4]
    vectors = VECTORS[0][:2]
    made = dataclasses.replace(garment(0), part_boxes=boxes, vectors=vectors)
    told = json.loads(made.record, parse_constant=pytest.fail)
    assert told["part_boxes"] == [[0.0, 0.0, 1.0, 1.0], [None] * 4]
    np.testing.assert_array_equal(Garment.from_record(made.record, vectors).part_boxes, boxes)
