"""How often a search goes to Milvus and back: each way is a wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from seamline.index import Collection, Index
from seamline.index.candidates import Wanted
from tests.support.rows import FINGERPRINT, VECTORS


@pytest.fixture
def calls(index: Index, filled: Collection, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The calls on the wire, by the name of the method."""
    index.open("filled")
    assert index._client is not None
    stub, counted = index._client._handler._stub, Counter[str]()
    for name, method in list(vars(stub).items()):
        if callable(method):
            monkeypatch.setattr(stub, name, _counting(method, name, counted))
    return counted


def _counting(method: Any, name: str, counted: Counter[str]) -> Any:
    class Counting:
        def __call__(self, *words: Any, **options: Any) -> Any:
            counted[name] += 1
            return method(*words, **options)

        def __getattr__(self, attribute: str) -> Callable[..., Any]:
            counted[name] += attribute in ("future", "with_call")
            return getattr(method, attribute)

    return Counting()


def test_a_search_is_one_call(filled: Collection, calls: Counter[str]) -> None:
    filled.candidates_of([VECTORS[0].reshape(-1)], Wanted(10))
    calls.clear()
    for _ in range(3):
        filled.candidates_of([VECTORS[0].reshape(-1)], Wanted(10, ("skirt",)))
    assert calls == {"Search": 3}


def test_opening_a_collection_for_its_weights_is_one_call(index: Index, calls: Counter[str]) -> None:
    index.open("filled", FINGERPRINT)
    assert calls == {"DescribeCollection": 1}
