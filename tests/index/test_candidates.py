"""Candidates against the real Milvus Lite."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest

from seamline.index import Collection, Garment, Index
from seamline.index.candidates import Candidates, candidates_of, joined
from seamline.index.garment import Floats
from seamline.index.schema import PresentField
from seamline.index.search_params import SearchParams, limit_for, search_width_for
from tests.support.rows import DIMENSION, FINGERPRINT, VECTORS, garment


@pytest.fixture(scope="module")
def mixed(index: Index) -> Collection:
    collection = index.create("mixed", FINGERPRINT, (5, DIMENSION))
    collection.store([_lacking(garment(number)) if number % 10 == 0 else garment(number) for number in range(200)])
    collection.flush()
    collection.wait_until_visible()
    return collection


def _lacking(one: Garment) -> Garment:
    vectors = one.vectors.copy()
    vectors[3:] = 0
    return dataclasses.replace(one, vectors=vectors)


PRESENT = PresentField.of_parts(5)


def query_vector(number: int) -> Floats:
    return VECTORS[number].reshape(-1)


def test_several_query_vectors_bring_each_row_once(mixed: Collection) -> None:
    found = candidates_of(mixed, [np.stack([query_vector(1), query_vector(1), query_vector(2)])], SearchParams(5))[0]
    assert len(set(found.keys)) == len(found.keys)
    assert {garment(1).key, garment(2).key} <= set(found.keys)
    assert found.vectors.shape == (len(found.keys), 5, DIMENSION)


def test_several_sets_of_query_vectors_are_answered_apart(mixed: Collection) -> None:
    first, second = candidates_of(
        mixed, [query_vector(1), np.stack([query_vector(2), query_vector(3)])], SearchParams(1)
    )
    assert first.keys == (garment(1).key,)
    assert second.keys == (garment(2).key, garment(3).key)


def test_large_answers_come_in_several_calls(
    mixed: Collection, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = [np.stack([query_vector(number), query_vector(number + 1)]) for number in range(1, 9, 2)]
    whole = candidates_of(mixed, sets, SearchParams(4))
    assert calls == {"Search": 1}
    monkeypatch.setattr("seamline.index.candidates._AT_ONCE", 12)
    for found, expected in zip(candidates_of(mixed, sets, SearchParams(4)), whole, strict=True):
        assert (found.keys, found.records) == (expected.keys, expected.records)
        np.testing.assert_array_equal(found.vectors, expected.vectors)
    assert calls == {"Search": 1 + 3}  # eight query vectors of four rows, three of them a call


def test_answers_with_longer_vectors_have_fewer_rows(
    mixed: Collection, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = [np.stack([query_vector(number), query_vector(number + 1)]) for number in range(1, 9, 2)]
    monkeypatch.setattr("seamline.index.candidates._NUMBERS_AT_ONCE", 12 * 5 * DIMENSION)
    candidates_of(mixed, sets, SearchParams(4))
    assert calls == {"Search": 3}


def test_garments_that_lack_parts_can_be_asked_for_alone(mixed: Collection) -> None:
    found = candidates_of(mixed, [query_vector(1)], SearchParams(50, incomplete=True))[0]
    assert len(found.keys) == mixed.incomplete() == 20
    assert not found.vectors[:, 3:].any()


def test_both_filters_hold_together(mixed: Collection) -> None:
    found = candidates_of(mixed, [query_vector(1)], SearchParams(50, (garment(20).category,), incomplete=True))[0]
    assert {json.loads(record)["category"] for record in found.records} == {garment(20).category}
    assert 0 < len(found.keys) < 20


def test_the_filter_is_made_of_numbers() -> None:
    wanted = SearchParams(5, ("vest", "skirt"), incomplete=True)
    assert wanted.expression(PRESENT, partitioned=False) == "(category == 4 or category == 8) and parts_5 < 31"
    assert wanted.expression(PRESENT, partitioned=True) == "category in [4, 8] and parts_5 < 31"
    assert SearchParams(5).expression(PRESENT, partitioned=True) == ""


def test_an_index_looks_at_no_fewer_rows_than_are_wanted() -> None:
    wide = SearchParams(500, search_width=100).by_index_type
    assert (wide["ef"], wide["reorder_k"], wide["itopk_size"]) == (500, 500, 512)
    assert SearchParams(10, search_width=64).by_index_type["itopk_size"] == 64


def test_more_garments_need_more_rows_and_a_wider_search() -> None:
    assert [limit_for(20, rows) for rows in (0, 10_000, 100_000, 1_000_000)] == [40, 40, 50, 60]
    assert [search_width_for(rows) for rows in (1, 10_000, 1_000_000)] == [400, 400, 1200]
    assert limit_for(20, 10**15) == limit_for(20, 10**10)


def test_products_and_parts_are_told_without_vectors(mixed: Collection) -> None:
    (found,) = mixed.search([np.stack([query_vector(1), query_vector(20)])], SearchParams(3))
    row = found.keys.index(garment(1).key)
    np.testing.assert_allclose(found.products[row, 0], 5, atol=1e-4)
    assert found.present[row] == 31
    assert np.isnan(found.products).any()
    known = np.where(np.isnan(found.products), np.inf, found.products)
    np.testing.assert_allclose(known.min(0), found.last, atol=1e-6)


def test_rows_are_fetched_by_key_in_the_order_of_the_keys(mixed: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.index.candidates._AT_ONCE", 2)
    first, second = mixed.fetch([[garment(5).key, garment(3).key, "0" * 46], [garment(3).key]])
    assert first.keys == (garment(5).key, garment(3).key)
    assert second.records == (garment(3).record,)
    np.testing.assert_allclose(first.vectors[0], VECTORS[5], atol=1e-6)


def test_rows_of_several_answers_are_joined_once() -> None:
    def part(*keys: str) -> Candidates:
        return Candidates(keys, np.full((len(keys), 5, 2), len(keys), np.float32), keys)

    both = joined([part("a", "b"), part("b", "c", "d")])
    assert sorted(both.keys) == ["a", "b", "c", "d"]
    assert both.vectors.shape == (4, 5, 2)
    assert joined([part(), part()]).vectors.shape == (0, 5, 2)
