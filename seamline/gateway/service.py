"""The calls that a gateway answers, and how each is passed on."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import grpc  # type: ignore[import-untyped, unused-ignore]
from tritonclient.grpc import service_pb2 as wire

from seamline.client.security import operator_metadata
from seamline.core.errors import InvalidArgument, NotFound
from seamline.gateway.arrivals import Arrivals
from seamline.gateway.requests import checked, only
from seamline.gateway.tokens import Caller, Tokens

SERVICE, HEALTH = "inference.GRPCInferenceService", "grpc.health.v1.Health"

INFERENCE = "ModelInfer"
PASSED_ON = (
    "ServerLive",
    "ServerReady",
    "ModelReady",
    "ServerMetadata",
    "ModelMetadata",
    "ModelConfig",
    "ModelStatistics",
)
"""Calls that only read, and are handed over as they are."""

LONGEST = 60.0
"""Seconds that a request may take whose client sets no deadline, or a later one."""

_READ_TIMEOUT = 10.0
_PATIENCE = 2.0
"""Seconds that a request waits to be read."""

BUSY = "the server is busy and refused the request; try again in a moment"

_LARGE, _LARGE_AT_ONCE = 1_000_000, 4
"""Bytes from which on a request is large, and how many such are taken apart at a time: each is held several times."""

_AWAY = re.compile(r"connect|socket|unix:|goaway|stream removed|recvmsg|sendmsg", re.IGNORECASE)
SERVING, NOT_SERVING, OWN_NAME = b"\x08\x01", b"\x08\x02", b"\x0a\x07gateway"
"""HealthCheckResponse with status 1 and 2, and HealthCheckRequest for the service "gateway": two fields do not
need the package grpcio-health-checking, whose releases are tied to those of grpcio and protobuf."""

_EVERYBODY = Caller("", None)
_STATUS = {InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT, NotFound: grpc.StatusCode.NOT_FOUND}


class Gateway(grpc.GenericRpcHandler):  # type: ignore[misc, unused-ignore]
    """Answers for the Triton behind `channel`: callers with one of the `tokens`, everybody where there are none.

    Each call has a thread of the server's, which are as many as there may be requests in memory.
    """

    def __init__(self, channel: Any, tokens: Tokens | None, arrivals: Arrivals) -> None:
        self._tokens, self._arrivals = tokens, arrivals
        self._large = threading.Semaphore(_LARGE_AT_ONCE)
        self._passed = {name: channel.unary_unary(f"/{SERVICE}/{name}") for name in PASSED_ON}
        # A stream of one answer can be cancelled without the thread of a future, which takes half a millisecond.
        self._inference = channel.unary_stream(f"/{SERVICE}/{INFERENCE}")
        self._key = operator_metadata()

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a method, None for one that does not exist."""
        _, service, method = (*handler_call_details.method.split("/"), "", "", "")[:3]
        if (service, method) == (HEALTH, "Check"):
            return _handler(self._health)
        if service != SERVICE:
            return None
        if method == INFERENCE:
            came = time.monotonic()
            # As a stream of one message, which is then read when a thread is free for it and not before.
            return grpc.stream_unary_rpc_method_handler(lambda messages, context: self._infer(messages, context, came))
        return _handler(self._read(method) if method in PASSED_ON else _forbidden)

    def _infer(self, messages: Iterator[bytes], context: Any, came: float) -> bytes:
        caller = self._caller(context)
        if time.monotonic() - came > _PATIENCE:
            _refuse(context, grpc.StatusCode.UNAVAILABLE, BUSY)
        with self._arrivals.awaited(context):
            data = next(messages, b"")
        seconds = min(context.time_remaining() or LONGEST, LONGEST)
        try:
            if len(data) < _LARGE:
                return self._answered(data, context, caller, seconds)
            with self._large:
                return self._answered(data, context, caller, seconds)
        except (InvalidArgument, NotFound) as error:
            _refuse(context, _STATUS[type(error)], str(error))
        except grpc.RpcError as error:
            _refuse(context, *_reason(error))

    def _answered(self, data: bytes, context: Any, caller: Caller, seconds: float) -> bytes:
        request = checked(data, caller.collections, seconds)
        call = self._inference(request.message.SerializeToString(), timeout=seconds, metadata=self._key)
        context.add_callback(call.cancel)  # of no effect once there is an answer
        answer = next(call)
        next(call, None)  # the end of the stream, without which its call is never given back
        return only(answer, request.outputs)

    def _read(self, method: str) -> Callable[[bytes, Any], bytes]:
        def answer(data: bytes, context: Any) -> bytes:
            self._caller(context)
            try:
                return bytes(self._passed[method](data, timeout=_READ_TIMEOUT, metadata=self._key))
            except grpc.RpcError as error:
                _refuse(context, *_reason(error))

        return answer

    def _health(self, data: bytes, context: Any) -> bytes:
        """Of Triton, or of the gateway itself where the service "gateway" is asked for."""
        if data == OWN_NAME:
            return SERVING
        try:
            answer = self._passed["ServerReady"](b"", timeout=_READ_TIMEOUT, metadata=self._key)
        except grpc.RpcError:
            return NOT_SERVING
        return SERVING if wire.ServerReadyResponse.FromString(answer).ready else NOT_SERVING

    def _caller(self, context: Any) -> Caller:
        if self._tokens is None:
            return _EVERYBODY
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        caller = self._tokens.caller(given if isinstance(given, str) else "")
        if caller is None:
            message = "the request carries no token that this server knows; give one with SEAMLINE_TOKEN"
            _refuse(context, grpc.StatusCode.UNAUTHENTICATED, message)
        return caller


def _forbidden(_: bytes, context: Any) -> bytes:
    message = "clients may call embed and search, and ask for health, metadata and statistics"
    _refuse(context, grpc.StatusCode.PERMISSION_DENIED, message)


def _refuse(context: Any, code: Any, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort does not return")


def _reason(error: Any) -> tuple[Any, str]:
    """Code and sentence of a failure of Triton, or of the way to it, of which a client learns no address."""
    code, details = error.code(), error.details() or ""
    if code is grpc.StatusCode.UNAVAILABLE and _AWAY.search(details):
        return code, "the server is starting or has stopped; try again in a moment"
    return code, details


def _handler(answer: Callable[[bytes, Any], bytes]) -> Any:
    return grpc.unary_unary_rpc_method_handler(answer)
