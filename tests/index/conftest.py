"""The index against both kinds of Milvus: Milvus Lite and a real standalone server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from seamline.index import Collection, Index
from tests.support.milvus_lite import milvus_lite
from tests.support.rows import DIMENSION, FINGERPRINT, garment

STANDALONE = [pytest.mark.server, pytest.mark.slow]
"""A real server takes seconds to make a collection, and as long to flush it."""


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Milvus Lite."""
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


@pytest.fixture(scope="session", params=["lite", pytest.param("standalone", marks=STANDALONE)])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    lite = request.param == "lite"
    index = Index(request.getfixturevalue("lite") if lite else request.getfixturevalue("milvus_server").uri)
    yield index
    index.close()


@pytest.fixture(scope="session")
def filled(index: Index) -> Iterator[Collection]:
    """700 garments that no test changes."""
    collection = index.create("filled", FINGERPRINT, (5, DIMENSION))
    collection.store(garment(number) for number in range(700))
    collection.flush()
    collection.wait_until_visible()
    yield collection
    index.drop("filled")


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
