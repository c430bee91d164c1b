"""The real gateway in front of the real Triton."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient import grpc as triton
from tritonclient.grpc import service_pb2 as wire
from tritonclient.grpc import service_pb2_grpc
from tritonclient.utils import InferenceServerException

from seamline.client import Client, ClientSecurity
from seamline.core.errors import AccessRefused, BadOption, InvalidArgument, NotFound, Unavailable
from seamline.gateway.settings import GatewaySettings
from seamline.gateway.tokens import add_token
from seamline.local import LocalServer, status
from seamline.local.canary import picture
from seamline.local.process import shared_memory_files
from tests.support.certificates import authority, certificate
from tests.support.milvus_lite import free_port

pytestmark = pytest.mark.server


def request(model: str = "embed", **inputs: bytes) -> wire.ModelInferRequest:
    made = wire.ModelInferRequest(model_name=model)
    for name, value in {"IMAGE": picture(), **inputs}.items():
        made.inputs.add(name=name, datatype="BYTES", shape=[1])
        made.raw_input_contents.append(len(value).to_bytes(4, "little") + value)
    return made


@pytest.fixture
def stub(server: LocalServer) -> Iterator[Any]:
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.endpoints.grpc, options=options) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def refused(call: Callable[..., Any], *words: Any) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as failure:
        call(*words, timeout=30)
    return failure.value.code().name, failure.value.details()


def test_an_output_as_a_classification_is_an_output(stub: Any) -> None:
    made = request()
    made.outputs.add(name="VERSIONS").parameters["classification"].int64_param = 1
    assert [output.name for output in stub.ModelInfer(made, timeout=30).outputs] == ["VERSIONS"]


@pytest.mark.parametrize("names", [["LANDMARKS"], ["BOXES"], ["COUNT", "PHOTO_SIZE"], ["HIT_ID"]])
def test_some_outputs_come_without_the_others(stub: Any, names: list[str]) -> None:
    made = request("search" if "HIT_ID" in names else "embed")
    if "HIT_ID" in names:
        made.inputs.add(name="COLLECTION", datatype="BYTES", shape=[1])
        made.raw_input_contents.append(b"\x07\0\0\0no_such")
        assert refused(stub.ModelInfer, made)[0] == "NOT_FOUND"  # the way is whole
        return
    for name in names:
        made.outputs.add(name=name)
    for _ in range(6):  # more than there are slots
        assert sorted(output.name for output in stub.ModelInfer(made, timeout=30).outputs) == sorted(names)


def test_steps_and_orders_are_refused(stub: Any) -> None:
    assert refused(stub.ModelInfer, request("decode")) == (
        "NOT_FOUND",
        "the model 'decode' cannot be called; embed and search can",
    )
    load = wire.RepositoryModelLoadRequest(model_name="embed")
    orders = [
        (stub.RepositoryModelLoad, load),
        (stub.RepositoryModelUnload, wire.RepositoryModelUnloadRequest(model_name="embed")),
        (stub.RepositoryIndex, wire.RepositoryIndexRequest()),
        (stub.SystemSharedMemoryRegister, wire.SystemSharedMemoryRegisterRequest(name="a", key="/b", byte_size=1)),
        (stub.SystemSharedMemoryStatus, wire.SystemSharedMemoryStatusRequest()),
        (stub.CudaSharedMemoryStatus, wire.CudaSharedMemoryStatusRequest()),
        (stub.TraceSetting, wire.TraceSettingRequest()),
        (stub.LogSettings, wire.LogSettingsRequest()),
    ]
    for method, order in orders:
        code, sentence = refused(method, order)
        assert (code, "clients may call embed and search" in sentence) == ("PERMISSION_DENIED", True)
    with pytest.raises(grpc.RpcError):
        list(stub.ModelStreamInfer(iter([request()]), timeout=30))


def test_health_metadata_and_statistics_are_answered(server: LocalServer, stub: Any) -> None:
    with triton.InferenceServerClient(server.endpoints.grpc) as client:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("embed")
        assert client.get_server_metadata().name == "triton"
        assert {tensor.name for tensor in client.get_model_metadata("embed").inputs} == {
            "IMAGE",
            "BOX",
            "GIVEN_LANDMARKS",
        }
        assert client.get_inference_statistics("embed").model_stats[0].name == "embed"
        with pytest.raises(InferenceServerException, match="unknown model"):
            client.get_model_metadata("nothing")
    with grpc.insecure_channel(server.endpoints.grpc) as channel:
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10) == b"\x08\x01"
        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            channel.unary_unary("/grpc.health.v1.Health/List")(b"", timeout=10)


def test_a_message_that_is_too_large_is_refused_before_it_is_held(server: LocalServer, stub: Any) -> None:
    pid = status(server.options.home)["services"]["gateway"]["pid"]
    before = _peak(pid)
    for megabytes in (22, 200):
        code, sentence = refused(stub.ModelInfer, request(IMAGE=bytes(megabytes * 1_000_000)))
        assert (code, "larger than max" in sentence) == ("RESOURCE_EXHAUSTED", True)
    assert _peak(pid) - before < 60e6
    with Client(server.endpoints.grpc) as client, pytest.raises(InvalidArgument, match="larger than the server"):
        client.embed(bytes(22_000_000))


def test_more_requests_than_places_wait_or_are_refused_as_busy(server: LocalServer) -> None:
    with Client(server.endpoints.grpc, retries=0, bulk=True) as client, ThreadPoolExecutor(80) as threads:
        outcomes = list(threads.map(lambda _: _outcome(client), range(80)))
    assert set(outcomes) <= {"OK", "Busy"}
    assert "OK" in outcomes


def _outcome(client: Client) -> str:
    try:
        client.embed(picture())
    except Unavailable as error:
        return type(error).__name__
    return "OK"


def test_only_the_owner_reaches_triton_and_its_shared_memory(server: LocalServer) -> None:
    home = Path(status(server.options.home)["home"])
    socket = Path(server.endpoints.triton.removeprefix("unix:"))
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    from seamline.local.folder import StateFolder

    files = shared_memory_files(StateFolder.at(home).shared_memory_prefix)
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=False).stdout
    pid = status(home)["services"]["triton"]["pid"]
    mine = [line for line in listening.splitlines() if f"pid={pid}," in line]
    assert all(server.endpoints.metrics in line for line in mine)


@pytest.fixture(scope="module")
def guarded(server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A gateway with TLS and tokens before the same Triton: its address and what a client needs."""
    folder = tmp_path_factory.mktemp("guarded")
    signer = authority(folder, "signer")
    made = certificate(folder, "gateway", signer)
    tokens = folder / "tokens.toml"
    found = {
        "address": f"127.0.0.1:{free_port()}",
        "ca": str(signer),
        "token": add_token(tokens, "everything"),
        "limited": add_token(tokens, "limited", ["spring"]),
    }
    settings = GatewaySettings(found["address"], server.endpoints.triton, made, made.with_suffix(".key"), tokens=tokens)
    command = [sys.executable, "-m", "seamline.gateway", settings.to_json()]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"listening at" in process.stdout.readline()
        yield found
        process.terminate()
        assert process.wait(10) == 0


def test_a_token_and_a_certificate_are_asked_for(guarded: dict[str, str]) -> None:
    trusted = ClientSecurity(guarded["token"], guarded["ca"])
    with Client(guarded["address"], security=trusted) as client:
        assert client.embed(picture()).photo_size == (96, 96)
    for token in ("", "wrong"):
        wrong = ClientSecurity(token, guarded["ca"])
        with (
            Client(guarded["address"], security=wrong, retries=0) as client,
            pytest.raises(AccessRefused, match="token"),
        ):
            client.embed(picture())
    untrusted = ClientSecurity(guarded["token"])
    for address in (guarded["address"], f"grpcs://{guarded['address']}"):
        with Client(address, security=untrusted, retries=0, timeout=5) as client, pytest.raises(Unavailable):
            client.embed(picture())


def test_a_limited_token_learns_nothing_of_other_collections(guarded: dict[str, str]) -> None:
    limited = ClientSecurity(guarded["limited"], guarded["ca"])
    with Client(guarded["address"], security=limited) as client:
        assert len(client.embed(picture()).versions.fingerprint) == 16
        said = []
        for name in ("autumn", "nothing_at_all"):
            with pytest.raises(NotFound) as unknown:
                client.search(picture(), collection=name)
            said.append(str(unknown.value).replace(name, "NAME"))
        assert said[0] == said[1]


def test_a_token_does_not_cross_a_network_in_the_open() -> None:
    with pytest.raises(BadOption, match="without TLS"):
        Client("seamline.example:8001", security=ClientSecurity("token"))


def test_an_address_that_others_reach_needs_tls_and_tokens(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for listen in ("0.0.0.0:1", "[::]:1", "example.com:1", "10.0.0.1:1"):
        with pytest.raises(BadOption, match="--tls-cert, --tls-key and --tokens"):
            GatewaySettings(listen, "127.0.0.1:2")
        with pytest.raises(BadOption, match="--tokens"):
            GatewaySettings(listen, "127.0.0.1:2", file, file)
        assert GatewaySettings(listen, "127.0.0.1:2", file, file, tokens=file)
    with pytest.raises(BadOption, match="belong together"):
        GatewaySettings("127.0.0.1:1", "127.0.0.1:2", file)


def test_a_gateway_that_was_killed_comes_back(server: LocalServer) -> None:
    home = server.options.home
    before = status(home)["services"]["gateway"]
    os.kill(before["pid"], 9)
    with Client(server.endpoints.grpc, timeout=20, retries=50) as client:
        start = time.monotonic()
        while status(home)["services"]["gateway"]["restarts"] == before["restarts"]:
            assert time.monotonic() - start < 10
            time.sleep(0.05)
        assert np.array_equal(client.embed(picture()).photo_size, (96, 96))


def _peak(pid: int) -> float:
    lines = Path("/proc", str(pid), "status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
