"""Calls to Triton's gRPC service, made again under a retry policy.

The generated stub is used directly: a gRPC channel may be shared by threads, tritonclient's
InferenceServerClient may not. Requests only read or compute, so an attempt may be repeated; only
UNAVAILABLE is.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import grpc
from tritonclient.grpc import service_pb2 as wire
from tritonclient.grpc import service_pb2_grpc

from seamline.client.failures import seamline_error
from seamline.client.retrying import Retrier, RetryPolicy
from seamline.client.security import TLS, ClientSecurity
from seamline.core.errors import Unavailable
from seamline.core.grpc_threads import keep_grpc_running
from seamline.core.loopback import is_loopback

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


def _is_here(address: str) -> bool:
    return address.startswith("unix:") or is_loopback(address)


def _channel(address: str, security: ClientSecurity) -> Any:
    bare, is_here = address.removeprefix(TLS), _is_here(address.removeprefix(TLS))
    # A proxy of the environment could not reach this machine's own loopback addresses.
    options = [*_CHANNEL_OPTIONS, ("grpc.enable_http_proxy", int(not is_here))]
    return security.channel(bare, options, tls=address.startswith(TLS), is_here=is_here)


class Transport:
    """A channel to one server. Safe to share between threads.

    `timeout` bounds each attempt of a call in seconds, or, where `retry` names no time of its own, all attempts and
    the pauses between them.
    """

    def __init__(self, address: str, *, timeout: float, retry: RetryPolicy, security: ClientSecurity) -> None:
        """Raises BadOption for files of `security` that cannot be read, and a token that would not be safe."""
        self.address, self.timeout = address.removeprefix(TLS), timeout
        self._has_one_deadline = retry.seconds is None
        self._retrier = Retrier(dataclasses.replace(retry, seconds=timeout) if self._has_one_deadline else retry)
        keep_grpc_running()
        self._channel, self._metadata = _channel(address, security), security.metadata()
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)

    def infer(self, request: Any) -> Any:
        """Send a ModelInferRequest, return the ModelInferResponse. Raises a SeamlineError."""
        return self._call(self._stub.ModelInfer, request)

    def server_ready(self) -> bool:
        """What the server says about itself; it does not notice dead steps. Raises a SeamlineError."""
        return bool(self._call(self._stub.ServerReady, wire.ServerReadyRequest()).ready)

    def model_ready(self, name: str) -> bool:
        """Whether the server has a model of this name. Raises a SeamlineError."""
        return bool(self._call(self._stub.ModelReady, wire.ModelReadyRequest(name=name)).ready)

    def close(self) -> None:
        """Close the channel and end the calls that are under way."""
        self._retrier.stop()
        self._channel.close()

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        deadline = time.monotonic() + self.timeout

        def attempt() -> Any:
            left = deadline - time.monotonic() if self._has_one_deadline else self.timeout
            return self._once(method, request, max(left, 0.001))

        return self._retrier.call(attempt)

    def _once(self, method: Callable[..., Any], request: Any, seconds: float) -> Any:
        if self._retrier.is_stopped:
            raise Unavailable("the client is closed")
        try:
            return method(request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as failure:
            raise seamline_error(failure, self.address, self.timeout) from None
        except ValueError:
            # What gRPC raises when another thread closed the channel between the check above and the call.
            if not self._retrier.is_stopped:
                raise
            raise Unavailable("the client is closed") from None
