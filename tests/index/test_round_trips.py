"""How often a search goes to Milvus and back: each way is a wait."""

from __future__ import annotations

from collections import Counter

from seamline.index import Collection, Index
from seamline.index.search_params import SearchParams
from tests.support.rows import FINGERPRINT, VECTORS


def test_a_search_is_one_call(filled: Collection, calls: Counter[str]) -> None:
    filled.candidates_of([VECTORS[0].reshape(-1)], SearchParams(10))
    calls.clear()
    for _ in range(3):
        filled.candidates_of([VECTORS[0].reshape(-1)], SearchParams(10, ("skirt",)))
    assert calls == {"Search": 3}


def test_opening_a_collection_for_its_weights_is_one_call(index: Index, calls: Counter[str]) -> None:
    index.open("filled", FINGERPRINT)
    assert calls == {"DescribeCollection": 1}
