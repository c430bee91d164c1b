"""Calls to Triton's gRPC service with one deadline over all attempts.

The generated stub is used directly: a gRPC channel may be shared by threads, tritonclient's
InferenceServerClient may not. Requests only read or compute, so an attempt may be repeated; only
UNAVAILABLE is.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc
from tritonclient.grpc import service_pb2 as wire
from tritonclient.grpc import service_pb2_grpc

from seamline.client.failures import seamline_error
from seamline.core.errors import DeadlineExceeded, Unavailable

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A restarted local server must be found at the next attempt, not after gRPC's default back-off of up to
    # 2 minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    # A channel pool shared between clients would outlive `close` of one of them.
    ("grpc.use_local_subchannel_pool", 1),
]


def pause_before(attempt: int) -> float:
    """Seconds to wait before repeating for the `attempt`-th time (from 1): doubling, with jitter, 5 s at most."""
    return min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)


def _channel_options(address: str) -> list[tuple[str, int]]:
    host = address.rpartition(":")[0]
    is_here = host in ("localhost", "[::1]") or host.startswith("127.")
    # A proxy of the environment could not reach this machine's own loopback addresses.
    return [*_CHANNEL_OPTIONS, ("grpc.enable_http_proxy", int(not is_here))]


class Transport:
    """A channel to one server. Safe to share between threads.

    `timeout` bounds a call in seconds, its repetitions and pauses included; `retries` is how often a call
    that found the server unavailable is repeated.
    """

    def __init__(self, address: str, *, timeout: float, retries: int) -> None:
        self.address, self.timeout, self.retries = address, timeout, retries
        self._channel = grpc.insecure_channel(address, options=_channel_options(address))
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self._closed = threading.Event()

    def infer(self, request: Any) -> Any:
        """Send a ModelInferRequest, return the ModelInferResponse. Raises a SeamlineError."""
        return self._call(self._stub.ModelInfer, request)

    def server_ready(self) -> bool:
        """What the server says about itself; it does not notice dead steps. Raises a SeamlineError."""
        return bool(self._call(self._stub.ServerReady, wire.ServerReadyRequest()).ready)

    def close(self) -> None:
        """Close the channel and end the calls that are under way."""
        self._closed.set()
        self._channel.close()

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        deadline = time.monotonic() + self.timeout
        attempt = 0
        while True:
            try:
                return self._once(method, request, deadline)
            except Unavailable as error:
                attempt += 1
                pause = pause_before(attempt)
                out_of_time = time.monotonic() + pause >= deadline
                if isinstance(error, DeadlineExceeded) or attempt > self.retries or out_of_time:
                    raise
                if self._closed.wait(pause):
                    raise

    def _once(self, method: Callable[..., Any], request: Any, deadline: float) -> Any:
        if self._closed.is_set():
            raise Unavailable("the client is closed")
        try:
            return method(request, timeout=max(deadline - time.monotonic(), 0.001))
        except grpc.RpcError as failure:
            raise seamline_error(failure, self.address, self.timeout) from None
        except ValueError:
            # What gRPC raises when another thread closed the channel between the check above and the call.
            if not self._closed.is_set():
                raise
            raise Unavailable("the client is closed") from None
