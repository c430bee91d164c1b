"""Far more requests than the server can answer: refusals are clean, answers right, and nothing breaks or grows.

The real repositories on the real Triton. Nothing here is timed but the recovery, generously.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.grpc import InferResult, service_pb2, service_pb2_grpc

from benchmarks.speed.overload.memory import memory
from seamline.client import Client
from seamline.client.tensors import BULK, infer_request, texts
from seamline.core.errors import Busy
from seamline.local import LocalOptions, LocalServer, status
from seamline.local.canary import PRIORITY, SIDE, picture
from seamline.serving.admission import LONGEST_HOLD
from seamline.serving.lease import Lease

pytestmark = pytest.mark.server

CLIENTS = 40
SECONDS = 6.0
SOON = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    home = tmp_path_factory.mktemp("overload")
    with LocalServer(LocalOptions(home, grpc_port=0, metrics_port=0, milvus_port=0, health_interval=1.0)) as running:
        yield running


@dataclass(frozen=True)
class Answer:
    """What became of one request."""

    code: str
    sentence: str
    response: Any = None

    def array(self, name: str) -> np.ndarray:
        return np.asarray(InferResult(self.response).as_numpy(name))


Ask = Callable[[int], Awaitable[Answer]]


def request(priority: int = 0) -> Any:
    box = np.array([4, 4, SIDE - 4, SIDE - 4], np.float32)
    return infer_request("embed", {"IMAGE": texts([picture()]), "BOX": box}, priority=priority)


class Asking:
    """A connection to the server, as a context manager; asks at a priority level, 0 for the default one."""

    def __init__(self, server: LocalServer, patience: float = 60.0) -> None:
        self._channel = grpc.aio.insecure_channel(server.endpoints.grpc, options=[("grpc.enable_http_proxy", 0)])
        self._infer = self._channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=service_pb2.ModelInferRequest.SerializeToString,
            response_deserializer=service_pb2.ModelInferResponse.FromString,
        )
        self._patience = patience

    async def __aenter__(self) -> Ask:
        return self._ask

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def _ask(self, priority: int) -> Answer:
        try:
            return Answer("OK", "", await self._infer(request(priority), timeout=self._patience))
        except grpc.aio.AioRpcError as error:
            return Answer(error.code().name, error.details() or "")


async def without_a_pause(ask: Ask, clients: int, priority: int, until: float) -> list[Answer]:
    """Clients that ask again as soon as they are answered or refused."""

    async def one() -> list[Answer]:
        answers = []
        while time.monotonic() < until:
            answers.append(await ask(priority))
        return answers

    return [answer for answers in await asyncio.gather(*(one() for _ in range(clients))) for answer in answers]


async def now_and_then(ask: Ask, priority: int, until: float) -> list[Answer]:
    answers = []
    while time.monotonic() < until:
        answers.append(await ask(priority))
        await asyncio.sleep(0.5)
    return answers


def codes(answers: Sequence[Answer]) -> Counter[str]:
    return Counter(answer.code for answer in answers)


def processes(server: LocalServer) -> tuple[int, int]:
    """Restarts and reloads so far."""
    told = status(server.options.home)
    return sum(service["restarts"] for service in told["services"].values()), told["reloads"]


def test_a_flood_is_refused_cleanly_and_leaves_no_trace(server: LocalServer) -> None:
    home = server.options.home
    before, held = processes(server), None

    async def flood() -> tuple[Answer, list[Answer], list[Answer], Answer, float]:
        nonlocal held
        async with Asking(server) as ask:
            lone = await ask(0)
            await without_a_pause(ask, 4, 0, time.monotonic() + 1.0)  # memory of four at a time is not growth
            held = memory(home)
            until = time.monotonic() + SECONDS
            flooded, checks = await asyncio.gather(
                without_a_pause(ask, CLIENTS, 0, until), now_and_then(ask, PRIORITY, until)
            )
            begin = time.monotonic()
            while (after := await ask(0)).code != "OK":
                assert time.monotonic() - begin < SOON
            return lone, flooded, checks, after, time.monotonic() - begin

    lone, flooded, checks, after, recovery = asyncio.run(flood())
    assert set(codes(flooded)) == {"OK", "UNAVAILABLE"}
    assert {a.sentence for a in flooded if a.code != "OK"} <= {
        "in ensemble 'embed', Request timeout expired",
        "in ensemble 'embed', [request id: <id_unknown>] Exceeds maximum queue size",
        "in ensemble 'embed', the server is busy and refused the request; try again in a moment",
        "the server is busy and refused the request; try again in a moment",
        "in ensemble 'embed', the server is busy and took too long for the request; try again in a moment",
    }
    expected = lone.array("EMBEDDING")
    for answer in [*(a for a in flooded if a.code == "OK"), after]:
        np.testing.assert_allclose(answer.array("EMBEDDING"), expected, atol=1e-4)
    assert set(codes(checks)) == {"OK"}, "a health check was not answered before the others"
    assert processes(server) == before
    told = status(home)
    assert told["state"] == "ready"
    assert told["canary"]["outcome"] in ("answered", "refused by a full queue")
    assert recovery < SOON
    grown = memory(home)
    assert held is not None
    assert grown.triton + grown.milvus < held.triton + held.milvus + 150


def test_a_job_that_can_wait_is_not_refused_and_does_not_hold_up_others(server: LocalServer) -> None:
    async def both() -> tuple[list[Answer], int]:
        async with Asking(server) as ask:
            until = time.monotonic() + SECONDS
            return await asyncio.gather(without_a_pause(ask, 16, BULK, until), asyncio.to_thread(people, until))

    def people(until: float) -> int:
        answered = 0
        with Client(server.endpoints.grpc, retries=20) as client:
            while time.monotonic() < until:
                answered += len(client.embed(picture()).versions.fingerprint) > 0
                time.sleep(0.1)
        return answered

    jobs, answered = asyncio.run(both())
    assert set(codes(jobs)) == {"OK"}
    assert answered > SECONDS


def test_a_client_is_told_that_the_server_is_busy(server: LocalServer) -> None:
    async def flood(done: asyncio.Event) -> None:
        async with Asking(server) as ask:
            while not done.is_set():
                await without_a_pause(ask, CLIENTS, 0, time.monotonic() + 0.2)

    def told() -> str:
        with Client(server.endpoints.grpc, retries=0) as client:
            for _ in range(200):
                try:
                    client.embed(picture())
                except Busy as error:
                    return str(error)
        return ""

    async def meanwhile() -> str:
        done = asyncio.Event()
        flooding = asyncio.ensure_future(flood(done))
        try:
            return await asyncio.to_thread(told)
        finally:
            done.set()
            await flooding

    assert "is busy and refused the request; try again in a moment" in asyncio.run(meanwhile())


def test_photos_of_clients_that_have_gone_are_not_worked_on(server: LocalServer) -> None:
    sent = 30

    def encoded() -> int:
        from tritonclient import grpc as triton

        with triton.InferenceServerClient(server.endpoints.grpc) as client:
            (told,) = client.get_inference_statistics("encoder").model_stats
            return int(told.inference_stats.success.count)

    async def leave() -> list[Answer]:
        async with Asking(server, patience=0.1) as ask:
            return list(await asyncio.gather(*(ask(BULK) for _ in range(sent))))

    before = encoded()
    left = codes(asyncio.run(leave()))["DEADLINE_EXCEEDED"]
    assert left > sent / 2
    with Client(server.endpoints.grpc, bulk=True) as last:  # comes after all of them
        last.embed(picture())
    assert encoded() - before < sent - left / 2


def direct(server: LocalServer, asked: Any) -> str:
    """The code and sentence of a request to Triton itself, as only the server's own user can send it."""
    with grpc.insecure_channel(server.endpoints.triton, options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(asked, timeout=20)
        except grpc.RpcError as error:
            return f"{error.code().name}: {error.details()}"
    return "OK"


def test_made_up_leases_and_photos_that_never_go_on_keep_nobody_out_for_long(server: LocalServer) -> None:
    photo = {
        "PHOTO": np.zeros((16, 16, 3), np.uint8),
        "PHOTO_SIZE": np.array([16, 16], np.int32),
        "PHOTO_WARNINGS": texts(["[]"]),
        "DETECTOR_BOXES": np.zeros((1, 1344, 4), np.float32),
        "DETECTOR_SCORES": np.zeros((1, 1344, 13), np.float32),
        "DETECTOR_DIRECTIONS": np.zeros((1, 1344, 2), np.float32),
    }
    before = processes(server)
    for number in range(30):
        made_up = Lease(number % 3, time.monotonic() - 3600, time.monotonic() + 3600).signed(bytes(32))
        told = direct(server, infer_request("crop", {**photo, "LEASE": made_up}))
        assert told.startswith("INVALID_ARGUMENT: LEASE was not given by this server"), told
    for _ in range(20):
        direct(server, infer_request("decode", {"IMAGE": texts([picture()])}))
    begin = time.monotonic()
    with Client(server.endpoints.grpc, retries=0) as client:
        while True:
            try:
                client.embed(picture())
                break
            except Busy:
                assert time.monotonic() - begin < LONGEST_HOLD[0] + 1
    assert processes(server) == before


def test_nothing_is_done_for_a_client_that_does_not_wait(server: LocalServer) -> None:
    asked = request(BULK)
    asked.parameters["timeout_ms"].int64_param = 1
    told = direct(server, asked)
    assert (
        told == "UNAVAILABLE: in ensemble 'embed', nobody waits for the answer any longer; allow the request more time"
    )
