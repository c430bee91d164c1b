"""Weights that are installed, reloaded and rolled back on the real Triton while clients go on asking.

Four sets of vectors tell what answered: those of the shipped weights, those of other weights, and those of one
encoder with the other's head, which no request may ever meet.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.install import main
from seamline.client import Client
from seamline.core.errors import SeamlineError
from seamline.exporting.install import Installation, LoadRefused, install, reload, target, verify, versions
from seamline.local import LocalOptions, LocalServer, status
from seamline.local.folder import StateFolder
from seamline.local.process import supervised_processes
from seamline.local.stubs import read_stub
from seamline.serving.weights import Weights
from tests.support.garments import drawn, jpeg
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY

pytestmark = pytest.mark.server

GARMENT = drawn(3)
PHOTO = jpeg(GARMENT.rgb)
BOX = tuple(float(value) for value in GARMENT.box)
CALLERS = 2
LARGE = 200_000
"""Numbers of a tensor that is learnt, and no constant of a network's shape."""
SAME, DIFFERENT = 2e-5, 1e-2
"""Largest difference of a vector's numbers when batches differ, and the smallest between two sets."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped one, and of the ensemble `embed` beside it."""
    folder = tmp_path_factory.mktemp("served")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(MODEL_REPOSITORY, folder / "model_repository", ignore=ignore)
    shutil.copytree(ENSEMBLES / "embed", folder / "ensembles" / "embed")
    (folder / "ensembles" / "embed" / "1").mkdir(exist_ok=True)
    for config in folder.glob("model_repository/*/config.pbtxt"):  # one process each: starting them is what takes long
        config.write_text(config.read_text().replace("count: 2", "count: 1"))
    return folder / "model_repository"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped encoder and head with noise on the large tensors of landmarks, regions and whole."""
    folder = tmp_path_factory.mktemp("weights")
    shipped = Weights.of_repository(MODEL_REPOSITORY)
    for file in shipped.networks.values():
        model = onnx.load(file)
        for tensor in (item for item in model.graph.initializer if np.prod(item.dims) > LARGE):
            values = numpy_helper.to_array(tensor)
            noise = np.random.default_rng(0).standard_normal(values.shape) * values.std()
            tensor.CopyFrom(numpy_helper.from_array((values + noise).astype(values.dtype), tensor.name))
        onnx.save(model, folder / f"{file.parts[-3]}.onnx")
    return folder


@pytest.fixture(scope="module")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    options = LocalOptions(
        home=tmp_path_factory.mktemp("home"),
        model_repository=repository,
        ensembles=repository.parent / "ensembles",
        grpc_port=0,
        metrics_port=0,
        milvus_port=0,
    )
    with LocalServer(options) as running:
        yield running


@dataclass
class Callers:
    """Clients that embed the photo without a pause; each keeps what it got."""

    address: str
    answers: list[tuple[str, np.ndarray]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Callers:
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()
        self.wait_for_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        with Client(self.address, retries=0, bulk=True) as client:
            while not self._stop.is_set():
                try:
                    answer = client.embed(PHOTO, BOX)
                    self.answers.append((answer.versions.fingerprint, answer.garments[0].vectors))
                except SeamlineError as error:
                    self.errors.append(str(error))

    def wait_for_more(self) -> None:
        have = len(self.answers)
        wait_for(lambda: len(self.answers) >= have + 2 * CALLERS or bool(self.errors))


def wait_for(condition: Callable[[], bool], patience: float = 30.0) -> None:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience, "waited in vain"
        time.sleep(0.02)


def vectors_of(encoder: Weights, head: Weights) -> np.ndarray:
    """What an encoder and a head answer in this process."""
    networks = {**encoder.networks, "region_head": head.networks["region_head"]}
    mixed = Weights(encoder.detector, networks, encoder.spec).open_pipeline(threads=1)
    return mixed.embed(PHOTO, BOX)[1].vectors[0]


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max())


def loaded(server: LocalServer) -> set[str]:
    """The versions that any step has loaded, or is still giving up."""
    models = status(server.options.home)["models"]
    return {model["version"] for model in models if model["state"] != "UNAVAILABLE" and model["name"] != "embed"}


def test_no_request_is_lost_and_none_meets_two_sets(
    server: LocalServer, repository: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = server.endpoints.grpc
    old, new = Weights.of_repository(repository), Weights.of_folder(weights_with_spec(weights, repository), repository)
    sets = [vectors_of(*pair) for pair in ((old, old), (new, new), (old, new), (new, old))]
    assert min(distance(a, b) for i, a in enumerate(sets) for b in sets[:i]) > DIFFERENT
    before = status(server.options.home)
    with Callers(address) as callers:
        counts = [len(callers.answers)]
        for arguments in (["--weights", str(weights)], ["--rollback"]):
            assert main([*arguments, "--model-repository", str(repository), "--reload", server.endpoints.triton]) == 0
            counts.append(len(callers.answers))
            callers.wait_for_more()
            assert loaded(server) == {str(versions(repository).current)}
    print(capsys.readouterr().out, "requests answered meanwhile:", np.diff(counts))
    assert callers.errors == []
    assert min(np.diff(counts)) > 0
    manifest = versions(repository)
    fingerprints = [manifest.versions[number].fingerprint for number in (manifest.current, manifest.previous or 0)]
    expected = dict(zip(fingerprints, sets[:2], strict=True))
    assert {fingerprint for fingerprint, _ in callers.answers} == set(expected)
    assert max(distance(vectors, expected[name]) for name, vectors in callers.answers) < SAME
    changes = [a for a, b in zip(callers.answers, callers.answers[1:], strict=False) if a[0] != b[0]]
    assert len(changes) >= 2
    after = status(server.options.home)
    assert after["services"]["triton"]["pid"] == before["services"]["triton"]["pid"]
    assert (after["reloads"], after["events"]) == (before["reloads"], before["events"]), "nothing looked like a failure"
    assert verify(repository) == []


def weights_with_spec(weights: Path, repository: Path) -> Path:
    """A folder like the one that an export writes, for the reference."""
    folder = weights.parent / "reference"
    shutil.copytree(weights, folder, dirs_exist_ok=True)
    shutil.copy(Weights.of_repository(repository).networks["encoder"].parent / "spec.json", folder)
    return folder


@pytest.mark.slow
def test_a_set_that_the_server_cannot_load_leaves_everything_as_it_was(
    server: LocalServer, repository: Path, weights: Path
) -> None:
    address, current = server.endpoints.grpc, versions(repository).current
    fingerprint = versions(repository).versions[current].fingerprint

    def spoil_and_reload(installed: Installation) -> None:
        file = repository / "region_head" / str(installed.version) / "model.onnx"
        file.write_bytes(file.read_bytes()[:1000])
        reload(server.endpoints.triton, target(repository))

    with Callers(address) as callers:
        with pytest.raises(LoadRefused, match=rf"region_head.*serves version {current} as before"):
            install(weights, repository, after=spoil_and_reload)
        callers.wait_for_more()
    assert callers.errors == []
    assert {name for name, _ in callers.answers} == {fingerprint}
    assert versions(repository).current == current
    assert verify(repository) == []
    assert loaded(server) == {str(current)}


@pytest.mark.slow
def test_a_step_that_dies_after_an_installation_comes_back_with_the_set_that_is_served(
    server: LocalServer, repository: Path, weights: Path
) -> None:
    home, address = server.options.home, server.endpoints.grpc
    served = str(versions(repository).current)
    install(weights, repository)
    reloads = status(home)["reloads"]
    stubs = (read_stub(pid) for pid in supervised_processes(StateFolder.at(home).home, "triton"))
    os.kill(next(stub.pid for stub in stubs if stub is not None and stub.model == "region_head"), signal.SIGKILL)
    wait_for(lambda: status(home)["reloads"] > reloads and status(home)["state"] == "ready")
    with Client(address) as client:
        vectors = client.embed(PHOTO, BOX).garments[0].vectors
    path = Weights.of_repository(repository)
    assert distance(vectors, vectors_of(path, path)) > DIFFERENT
    assert loaded(server) == {served}
    assert main(["--reload", server.endpoints.triton, "--model-repository", str(repository)]) == 0
    with Client(address) as client:
        vectors = client.embed(PHOTO, BOX).garments[0].vectors
    assert distance(vectors, vectors_of(path, path)) < SAME
