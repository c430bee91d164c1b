"""A collection is rebuilt, swapped, rolled back and pruned while the real Triton answers searches."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from tritonclient import grpc as triton

from seamline.client.tensors import BULK
from seamline.index import Collection, Garment, Index
from seamline.local import LocalServer
from seamline.local.canary import SIDE, connect, picture
from tests.support.rows import OTHER

pytestmark = pytest.mark.server

NAME = "swapped"
SHAPE = (7, 128)
REMEMBERED = 6.0
"""Seconds, a little more than the retrieve step remembers a collection for."""


def ask(client: triton.InferenceServerClient) -> dict[str, object]:
    """One search, which may wait for a slot; gives what VERSIONS says."""
    inputs = [
        triton.InferInput("IMAGE", [1], "BYTES").set_data_from_numpy(np.array([picture()], np.object_)),
        triton.InferInput("BOX", [4], "FP32").set_data_from_numpy(np.array([4, 4, SIDE - 4, SIDE - 4], np.float32)),
        triton.InferInput("COLLECTION", [1], "BYTES").set_data_from_numpy(np.array([NAME], np.object_)),
    ]
    result = client.infer("search", inputs, client_timeout=10.0, priority=BULK, parameters={"patient": True})
    assert result.as_numpy("HIT_ID").shape[1] > 0
    told: dict[str, object] = json.loads(result.as_numpy("VERSIONS")[0])
    return told


def fill(collection: Collection, seed: int) -> Collection:
    vectors = np.random.default_rng(seed).normal(size=(40, *SHAPE)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    boxes = [[0.0, 0.0, 1.0, 1.0]] * SHAPE[0]
    collection.store(
        Garment(f"item {number}", "a.jpg", "00" * 32, (9, 9), 0, "skirt", [0, 0, 9, 9], boxes, vectors[number])
        for number in range(len(vectors))
    )
    collection.flush()
    return collection


@dataclasses.dataclass
class Searches:
    """Two clients that search without a pause, and what they got."""

    address: str
    answers: list[tuple[float, str]] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    _stop: threading.Event = dataclasses.field(default_factory=threading.Event)

    def __enter__(self) -> Searches:
        self._threads = [threading.Thread(target=self._search) for _ in range(2)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _search(self) -> None:
        with connect(self.address) as client:
            while not self._stop.is_set():
                try:
                    index = ask(client)["index"]
                    assert isinstance(index, dict)
                    self.answers.append((time.monotonic(), str(index["collection"])))
                except Exception as error:
                    self.failures.append(str(error))

    def wait_for(self, physical: str, seconds: float = REMEMBERED) -> None:
        """Until every answer comes from this collection."""
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            time.sleep(0.1)
            if {name for at, name in self.answers if at > time.monotonic() - 0.5} == {physical}:
                return
        raise AssertionError(f"{physical} did not answer within {seconds} s")


@pytest.fixture
def index(server: LocalServer) -> Iterator[Index]:
    assert server.endpoints is not None
    index = Index(server.endpoints.milvus)
    yield index
    index.drop(NAME)
    index.close()


def test_no_search_fails_while_collections_replace_one_another(server: LocalServer, index: Index) -> None:
    assert server.endpoints is not None
    with connect(server.endpoints.grpc) as client:
        fingerprint = str(_fingerprint(client))
    first = fill(index.create(NAME, fingerprint, SHAPE), 0)

    with Searches(server.endpoints.grpc) as searches:
        searches.wait_for(first.physical)

        second = fill(index.build_beside(NAME, fingerprint, SHAPE), 1)
        index.publish(second)
        index.prune(NAME)  # at once, while the step still remembers the first
        searches.wait_for(second.physical)

        newer = fill(index.build_beside(NAME, OTHER, SHAPE), 2)
        index.publish(newer)
        time.sleep(REMEMBERED)
        searches.wait_for(second.physical)  # the weights that the server runs are the second's

        third = fill(index.build_beside(NAME, fingerprint, SHAPE), 3)
        index.publish(third)
        searches.wait_for(third.physical)
        assert index.rollback(NAME).physical == newer.physical
        assert index.rollback(NAME).physical == second.physical
        searches.wait_for(second.physical)

    assert searches.failures == []
    assert {name for _, name in searches.answers} == {first.physical, second.physical, third.physical}


def _fingerprint(client: triton.InferenceServerClient) -> object:
    image = triton.InferInput("IMAGE", [1], "BYTES").set_data_from_numpy(np.array([picture()], np.object_))
    return json.loads(client.infer("embed", [image]).as_numpy("VERSIONS")[0])["fingerprint"]
