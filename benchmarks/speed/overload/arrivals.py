"""Requests that arrive at a rate of their own, whatever becomes of those before them (an open loop).

Requests are serialised once and answers are not read, so that the measuring side leaves the processor to the server.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Sequence
from typing import Any

import grpc

_METHOD = "/inference.GRPCInferenceService/ModelInfer"
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
_TIMEOUT = 30.0


@dataclasses.dataclass(frozen=True)
class Call:
    """One request: when it was sent (seconds since the phase began), its milliseconds, its gRPC code and sentence."""

    sent: float
    milliseconds: float
    code: str
    sentence: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it was answered."""
        return self.code == "OK"


class Caller:
    """One connection to a server, for requests that are bytes already."""

    def __init__(self, address: str, requests: Sequence[bytes]) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        self._infer = self._channel.unary_unary(_METHOD)
        self._requests = requests

    async def close(self) -> None:
        """Give the connection back."""
        await self._channel.close()

    async def call(self, number: int, begin: float) -> Call:
        """Send the request of this number (they go round) and wait for what becomes of it."""
        start = time.perf_counter()
        try:
            await self._infer(self._requests[number % len(self._requests)], timeout=_TIMEOUT)
            code, sentence = "OK", ""
        except grpc.aio.AioRpcError as error:
            code, sentence = error.code().name, error.details() or ""
        return Call(start - begin, (time.perf_counter() - start) * 1000, code, sentence)


async def open_loop(caller: Caller, rate: float, seconds: float, seed: int = 0) -> list[Call]:
    """So many requests a second for so long, at random moments (a Poisson process), and what became of each."""
    draw = random.Random(seed)
    begin, due = time.perf_counter(), 0.0
    under_way: list[asyncio.Future[Call]] = []
    while (due := due + draw.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, begin + due - time.perf_counter()))
        under_way.append(asyncio.ensure_future(caller.call(len(under_way), begin)))
    return list(await asyncio.gather(*under_way))


async def paced(caller: Caller, seconds: float, pause: float) -> list[Call]:
    """One client that sends its next request `pause` seconds after what became of the last one."""
    begin = time.perf_counter()
    calls: list[Call] = []
    while time.perf_counter() - begin < seconds:
        calls.append(await caller.call(len(calls), begin))
        await asyncio.sleep(pause)
    return calls


async def closed_loop(caller: Caller, clients: int, seconds: float) -> list[Call]:
    """Clients that each send their next request when the last one is answered (a closed loop)."""
    begin = time.perf_counter()
    numbers = iter(range(10**9))

    async def client() -> list[Call]:
        calls: list[Call] = []
        while time.perf_counter() - begin < seconds:
            calls.append(await caller.call(next(numbers), begin))
        return calls

    found: list[Any] = await asyncio.gather(*(client() for _ in range(clients)))
    return [call for calls in found for call in calls]
