"""The index against both kinds of Milvus: Milvus Lite and a real standalone server."""

from __future__ import annotations

from collections.abc import Iterator

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
    collection = index.create("filled", FINGERPRINT, DIMENSION)
    collection.store(garment(number) for number in range(700))
    collection.flush()
    collection.wait_until_visible()
    yield collection
    index.drop("filled")
