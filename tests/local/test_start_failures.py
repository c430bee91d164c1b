"""What keeps a server from starting is said in one sentence, and nothing is left running."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from seamline.local import (
    CannotRunHere,
    LocalOptions,
    MissingRepository,
    MissingWeights,
    NoSharedMemory,
    PortTaken,
    StartFailed,
    status,
    up,
)
from tests.local.calls import nothing_left

pytestmark = pytest.mark.server


def test_a_network_with_another_shape_than_its_config_is_refused_with_both(small: LocalOptions) -> None:
    config = small.model_repository / "double" / "config.pbtxt"
    config.write_text(config.read_text(encoding="utf-8").replace("dims: [2]", "dims: [3]", 1), encoding="utf-8")
    with pytest.raises(StartFailed) as told:
        up(small)
    assert "'SIZE' is TYPE_FP32 [-1, 3] in config.pbtxt" in str(told.value)
    assert "TYPE_FP32 [-1, 2] in 1/model.onnx" in str(told.value)
    assert "Traceback" not in str(told.value)
    assert told.value.log_tail
    assert status(small.home)["running"] is False
    assert nothing_left(small.home)


def test_a_broken_ensemble_is_named(small: LocalOptions) -> None:
    config = small.ensembles / "search" / "config.pbtxt"
    config.write_text(config.read_text(encoding="utf-8").replace("aside", "nowhere"), encoding="utf-8")
    with pytest.raises(StartFailed, match=r"search.*nowhere"):
        up(small)
    assert nothing_left(small.home)


def test_a_step_whose_first_inference_fails_is_reported_without_waiting(small: LocalOptions) -> None:
    file = small.model_repository / "finish" / "1" / "model.py"
    file.write_text(file.read_text(encoding="utf-8").replace('"COUNT"', '"OTHER"'), encoding="utf-8")
    with pytest.raises(StartFailed, match="the first inference fails"):
        up(small)
    assert nothing_left(small.home)


def test_missing_weights_are_named_before_anything_starts(small: LocalOptions) -> None:
    (small.model_repository / "double" / "1" / "model.onnx").unlink()
    with pytest.raises(MissingWeights, match=r"double/1/model\.onnx are missing; restore .*`make weights"):
        up(small)
    assert not small.home.exists()


@pytest.mark.parametrize("name", ["grpc", "metrics", "milvus"])
def test_a_taken_port_is_named(small: LocalOptions, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}, asked for as {name} port, is in use"):
            up(replace(small, **{f"{name}_port": port}))


def test_one_port_cannot_be_asked_for_twice(small: LocalOptions) -> None:
    with pytest.raises(PortTaken):
        up(replace(small, grpc_port=23456, metrics_port=23456))


def test_too_little_shared_memory_is_measured(small: LocalOptions) -> None:
    with pytest.raises(NoSharedMemory, match=r"/dev/shm has \d+ MB free and Triton needs 1048576 MB"):
        up(replace(small, shared_memory=2**40))


def test_a_folder_without_models_is_named(small: LocalOptions) -> None:
    with pytest.raises(MissingRepository, match="SEAMLINE_ENSEMBLES"):
        up(replace(small, ensembles=small.home / "nothing"))


def test_a_state_folder_that_cannot_be_made_is_named(small: LocalOptions) -> None:
    small.home.write_text("a file", encoding="utf-8")
    with pytest.raises(CannotRunHere, match=r"home cannot be written .*SEAMLINE_HOME"):
        up(small)
