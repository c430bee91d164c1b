"""The real Triton and the real Milvus Lite over the small repositories."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from tritonclient import grpc as triton

from seamline.local import AlreadyRunning, LocalOptions, LocalServer, down, endpoints, log_paths, logs, status, up
from tests.local.calls import RICH_CONFIG, embed, milvus
from tests.local.small_repository import onnx_model, save_failing_network

pytestmark = pytest.mark.server


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, format="PNG")
    return file.getvalue()


def double(client: triton.InferenceServerClient, sizes: np.ndarray, version: str = "") -> np.ndarray:
    tensor = triton.InferInput("SIZE", sizes.shape, "FP32")
    tensor.set_data_from_numpy(sizes)
    return client.infer("double", [tensor], model_version=version).as_numpy("DOUBLED")


@pytest.fixture
def client(running: LocalServer):
    with triton.InferenceServerClient(running.endpoints.triton) as connected:
        yield connected


def test_an_ensemble_of_python_and_onnx_steps_answers(client) -> None:
    answer = embed(client, png(30, 20))
    assert answer.as_numpy("PHOTO_SIZE").tolist() == [30, 20]
    assert answer.as_numpy("DOUBLED").tolist() == [[60.0, 40.0]]


def test_requests_that_are_batched_together_get_their_own_answers(client) -> None:
    rng = np.random.default_rng(0)
    sent = [rng.random((int(rng.integers(1, 5)), 2), dtype=np.float32) for _ in range(200)]
    before = client.get_inference_statistics("double").model_stats[0]
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda sizes: double(client, sizes), sent))
    after = client.get_inference_statistics("double").model_stats[0]
    assert all(np.array_equal(answer, 2 * sizes) for answer, sizes in zip(got, sent, strict=True))
    requests = after.inference_stats.success.count - before.inference_stats.success.count
    assert after.execution_count - before.execution_count < requests


def test_more_rows_than_max_batch_size_are_refused_and_the_next_request_works(client) -> None:
    with pytest.raises(triton.InferenceServerException, match="batch-size must be <= 16"):
        double(client, np.ones((17, 2), np.float32))
    assert double(client, np.ones((16, 2), np.float32)).shape == (16, 2)


def test_status_tells_what_runs(running: LocalServer) -> None:
    told = status(running.options.home)
    assert told["running"]
    assert told["state"] == "ready"
    assert told["canary"]["outcome"] == "answered"
    assert {model["name"]: model["state"] for model in told["models"]} == dict.fromkeys(
        ["aside", "double", "embed", "finish", "measure", "search"], "READY"
    )
    assert told["collections"] == {}
    assert told["shared_memory_bytes"] > 0
    assert endpoints(running.options.home) == running.endpoints


def test_status_counts_the_rows_of_collections(running: LocalServer) -> None:
    client = milvus(running.endpoints.milvus)
    client.create_collection("garments", dimension=4)
    client.insert("garments", [{"id": i, "vector": [1.0, 0.0, 0.0, float(i)]} for i in range(7)])
    client.flush("garments")
    assert status(running.options.home)["collections"] == {"garments": 7}
    client.drop_collection("garments")
    client.close()


def test_a_second_server_in_the_same_folder_is_refused(running: LocalServer) -> None:
    with pytest.raises(AlreadyRunning, match=running.endpoints.grpc):
        up(running.options)


def test_logs_of_all_processes_can_be_read(running: LocalServer) -> None:
    assert all(path.is_file() for path in log_paths(running.options.home).values())
    assert {"supervisor", "gateway", "triton", "milvus"} == {name for name, _ in logs(running.options.home)}


def test_everything_listens_on_loopback_only(running: LocalServer) -> None:
    told = status(running.options.home)
    assert {told[name].rpartition(":")[0] for name in ("grpc", "metrics")} == {"127.0.0.1"}
    assert told["milvus"].startswith("http://127.0.0.1:")


def test_down_without_a_server_does_nothing(small: LocalOptions) -> None:
    assert not down(small.home)
    small.home.mkdir()
    assert not down(small.home)
    assert status(small.home)["running"] is False


def test_warm_up_parameters_versions_and_file_name_are_honoured(small: LocalOptions) -> None:
    folder = small.model_repository / "double"
    for file in folder.rglob("*.*"):
        file.unlink()
    onnx_model(small.model_repository, "double", factor=2.0, version=3, extra=RICH_CONFIG)
    onnx_model(small.model_repository, "double", factor=5.0, version=7, extra=RICH_CONFIG)
    for version in ("3", "7"):
        (folder / version / "model.onnx").rename(folder / version / "network.onnx")
    (folder / "1").rmdir()
    with LocalServer(small) as server, triton.InferenceServerClient(server.endpoints.triton) as client:
        ones = np.ones((1, 2), np.float32)
        assert double(client, ones, "3").tolist() == [[2.0, 2.0]]
        assert double(client, ones, "7").tolist() == [[5.0, 5.0]]
        assert embed(client, png(1, 2)).as_numpy("DOUBLED").tolist() == [[5.0, 10.0]]


def test_a_network_that_fails_says_so_without_a_path(small: LocalOptions) -> None:
    save_failing_network(small.model_repository / "double" / "1" / "model.onnx")
    with LocalServer(small) as server, triton.InferenceServerClient(server.endpoints.triton) as client:
        with pytest.raises(triton.InferenceServerException, match="the network 'double' failed on this input") as told:
            double(client, np.full((1, 2), 5000.0, np.float32))
        assert "/" not in told.value.message()
        assert double(client, np.zeros((1, 2), np.float32)).shape == (1, 2)
