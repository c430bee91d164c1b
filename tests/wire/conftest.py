"""Every test here runs twice: on the bundle in this process, and on the real Triton with the real Milvus Lite."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest

from seamline.core.spec import CATEGORIES, Spec
from seamline.index import Garment, Index
from seamline.local import LocalServer
from seamline.serving.weights import newest
from tests.support.bundle import Bundle
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.wire import TritonWire, Wire

SPEC = Spec.load(newest(MODEL_REPOSITORY, "retrieve") / "spec.json")
SHAPE = (len(SPEC.parts), SPEC.parts.dimension)


@pytest.fixture(scope="session")
def catalogue(server: LocalServer) -> LocalServer:
    """The server with a collection of unrelated garments, one of other weights, and an empty one."""
    assert server.endpoints is not None
    _fill(Index(server.endpoints.milvus))
    return server


@pytest.fixture(scope="session")
def bundle(catalogue: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    assert catalogue.endpoints is not None
    patch = pytest.MonkeyPatch()
    patch.setenv("SEAMLINE_MILVUS_URI", catalogue.endpoints.milvus)
    patch.setenv("SEAMLINE_HOME", str(tmp_path_factory.mktemp("bundle")))
    yield Bundle()
    patch.undo()


@pytest.fixture(scope="session", params=["bundle", pytest.param("triton", marks=pytest.mark.server)])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    if request.param == "bundle":
        yield request.getfixturevalue("bundle")
        return
    endpoints = request.getfixturevalue("catalogue").endpoints
    real = TritonWire(endpoints.grpc, endpoints.triton)
    yield real
    real.close()


def _fill(index: Index) -> None:
    collection = index.create("catalogue", SPEC.fingerprint, SHAPE)
    collection.store(_garments())
    collection.flush()
    index.create("older", "ffffffffffffffff", SHAPE)
    index.create("nothing", SPEC.fingerprint, SHAPE)


def _garments() -> list[Garment]:
    vectors = np.random.default_rng(0).normal(size=(60, *SHAPE)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    boxes = [[0.0, 0.0, 1.0, 1.0]] * len(SPEC.parts)
    return [
        Garment(
            item=f"item {number} 'quoted' \"%_*\"",
            photo=f"{number}.jpg",
            photo_sha256=hashlib.sha256(str(number).encode()).hexdigest(),
            photo_size=(100, 100),
            number=0,
            category=CATEGORIES[number % len(CATEGORIES)],
            box=[0, 0, 100, 100],
            part_boxes=boxes,
            vectors=vectors[number],
        )
        for number in range(60)
    ]
