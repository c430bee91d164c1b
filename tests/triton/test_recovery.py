"""kill -9 in the middle of requests: clients get clean errors, the server recovers, the index loses nothing.

The real repositories on the real Triton and the real Milvus Lite.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tritonclient import grpc as triton

from seamline.client.tensors import BULK
from seamline.core.errors import SeamlineError
from seamline.index import Garment, Index
from seamline.local import LocalOptions, LocalServer, status
from seamline.local.canary import SIDE, connect, picture
from seamline.local.folder import StateFolder
from seamline.local.process import shared_memory_files, supervised_processes
from seamline.local.stubs import read_stub

pytestmark = pytest.mark.server

PROMISED = 30.0
QUIET = 1.5
"""Seconds without an error after which a server counts as recovered: a request that waits for a dead step is
told so after one."""

COLLECTION = "kept"
SHAPE = (7, 128)
ROWS = 300
CLEAN = {"StatusCode.UNAVAILABLE", "StatusCode.NOT_FOUND", "StatusCode.INTERNAL", "StatusCode.DEADLINE_EXCEEDED"}
LEAK = re.compile(r"Traceback|File \"|\.py\b|(^|[\s'\"])/\w+/")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    home = tmp_path_factory.mktemp("recovery")
    with LocalServer(LocalOptions(home, grpc_port=0, metrics_port=0, milvus_port=0)) as running:
        fill(running)
        yield running
    folder = StateFolder.at(home)
    assert supervised_processes(folder.home) == []
    assert shared_memory_files(folder.shared_memory_prefix) == []


def ask(client: triton.InferenceServerClient, ensemble: str) -> Any:
    image = triton.InferInput("IMAGE", [1], "BYTES")
    image.set_data_from_numpy(np.array([picture()], dtype=np.object_))
    box = triton.InferInput("BOX", [4], "FP32")
    box.set_data_from_numpy(np.array([4, 4, SIDE - 4, SIDE - 4], np.float32))
    inputs = [image, box]
    if ensemble == "search":
        name = triton.InferInput("COLLECTION", [1], "BYTES")
        name.set_data_from_numpy(np.array([COLLECTION], dtype=np.object_))
        inputs.append(name)
    # As a job that can wait, so that no refusal of a busy server is taken for a fault.
    return client.infer(ensemble, inputs, client_timeout=10.0, priority=BULK, parameters={"patient": True})


def garment(number: int, vectors: np.ndarray) -> Garment:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    boxes = [[0.0, 0.0, 1.0, 1.0]] * SHAPE[0]
    return Garment(f"item{number}", f"{number}.jpg", digest, (9, 9), 0, "skirt", [0, 0, 9, 9], boxes, vectors)


def some_vectors(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, *SHAPE)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def fill(server: LocalServer) -> None:
    with connect(server.endpoints.grpc) as client:
        fingerprint = json.loads(ask(client, "embed").as_numpy("VERSIONS")[0])["fingerprint"]
    index = Index(server.endpoints.milvus)
    collection = index.create(COLLECTION, fingerprint, SHAPE)
    collection.store(garment(i, vectors) for i, vectors in enumerate(some_vectors(ROWS, 0)))
    collection.flush()
    index.close()


@dataclass
class Callers:
    """Threads that ask without a pause, as clients that know nothing of the kill; each keeps what it got."""

    address: str
    got: list[tuple[float, str, str, str]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Callers:
        for ensemble in ("embed", "search", "embed", "search"):
            thread = threading.Thread(target=self._call, args=(ensemble,))
            thread.start()
            self._threads.append(thread)
        wait_for(lambda: len(self.answered()) >= 8)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, ensemble: str) -> None:
        with connect(self.address) as client:
            while not self._stop.is_set():
                try:
                    ask(client, ensemble)
                    self.got.append((time.monotonic(), ensemble, "OK", ""))
                except triton.InferenceServerException as error:
                    self.got.append((time.monotonic(), ensemble, str(error.status()), str(error.message())))
                    time.sleep(0.05)

    def answered(self, since: float = 0.0) -> list[str]:
        return [ensemble for at, ensemble, code, _ in list(self.got) if code == "OK" and at > since]

    def errors(self) -> list[tuple[str, str]]:
        return [(code, message) for _, _, code, message in list(self.got) if code != "OK"]

    def last_error(self) -> float:
        return max((at for at, _, code, _ in list(self.got) if code != "OK"), default=0.0)

    def both_answer(self, since: float) -> bool:
        return {"embed", "search"} <= set(self.answered(since))


def wait_for(condition: Callable[[], bool], patience: float = PROMISED) -> None:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience, "not recovered in time"
        time.sleep(0.02)


def stub_of(home: Path, model: str) -> int:
    stubs = (read_stub(pid) for pid in supervised_processes(StateFolder.at(home).home, "triton"))
    return next(stub.pid for stub in stubs if stub is not None and stub.model == model)


def victim(server: LocalServer, name: str) -> int:
    told = status(server.options.home)["services"]
    return int(told[name]["pid"]) if name in told else stub_of(server.options.home, name)


def noticed(server: LocalServer) -> int:
    told = status(server.options.home)
    return int(told["reloads"]) + sum(service["restarts"] for service in told["services"].values())


@pytest.mark.parametrize("name", ["decode", "encoder", "region_pool", "retrieve", "milvus", "triton"])
def test_a_process_killed_under_load_comes_back_and_clients_get_clean_errors(
    server: LocalServer, name: str, record_property: Callable[[str, object], None]
) -> None:
    before, pid = noticed(server), victim(server, name)
    with Callers(server.endpoints.grpc) as callers:
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: noticed(server) > before and status(server.options.home)["state"] == "ready")
        mended = time.monotonic()
        wait_for(lambda: callers.both_answer(since=max(mended, callers.last_error() + QUIET)))
        recovered = max(mended, callers.last_error()) - killed
    record_property("recovery_seconds", round(recovered, 1))
    record_property("errors", len(callers.errors()))
    print(f"\n{name}: recovered {recovered:.1f} s after the kill, {len(callers.errors())} errors")
    for code, message in sorted(set(callers.errors())):
        print("   ", code, message)
        assert code in CLEAN
        assert not LEAK.search(message), message
    assert recovered < PROMISED


def test_rows_acknowledged_before_milvus_is_killed_are_there_afterwards(server: LocalServer) -> None:
    index = Index(server.endpoints.milvus)
    collection = index.open(COLLECTION)
    acknowledged = set(collection.all_keys())
    assert len(acknowledged) == ROWS
    dying = threading.Event()

    def write() -> None:
        for batch in range(1000):
            garments = [garment(1000 + 50 * batch + i, v) for i, v in enumerate(some_vectors(50, batch))]
            try:
                collection.store(garments)
                collection.flush()
            except SeamlineError:
                return
            acknowledged.update(garment.key for garment in garments)
            if batch == 5:
                dying.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert dying.wait(PROMISED)
    pid, before = victim(server, "milvus"), noticed(server)
    time.sleep(0.03)
    os.kill(pid, signal.SIGKILL)
    writer.join()
    wait_for(lambda: noticed(server) > before and status(server.options.home)["state"] == "ready")
    assert len(acknowledged) >= ROWS + 300
    again = Index(server.endpoints.milvus)
    assert acknowledged <= set(again.open(COLLECTION).all_keys())
    again.close()
    index.close()
