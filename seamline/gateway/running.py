"""A gateway as a program.

It has threads and not grpc.aio, which takes four times the processor time for a request.
"""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]
from grpc.experimental import ChannelOptions  # type: ignore[import-untyped, unused-ignore]

from seamline.core.errors import BadOption
from seamline.core.loopback import is_loopback
from seamline.gateway.arrivals import Arrivals
from seamline.gateway.service import Gateway
from seamline.gateway.settings import GatewaySettings
from seamline.gateway.tokens import Tokens

_GRACE = 5.0
"""Seconds that requests under way may take when the gateway is told to stop."""

_STREAMS, _WAITING = 1024, 2048
"""Requests at a time on one connection and on all: further ones wait in the client, or are refused."""


def run(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises BadOption for files that cannot be read and an address that is taken."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    tokens = Tokens(settings.tokens) if settings.tokens is not None else None
    threads, arrivals = ThreadPoolExecutor(settings.in_flight), Arrivals()
    with grpc.insecure_channel(settings.triton, options=_channel_options(settings)) as channel:
        gateways = [(Gateway(channel, tokens, arrivals), settings.listen, settings.credentials())]
        if settings.local is not None:
            gateways.append((Gateway(channel, None, arrivals), settings.local, None))
        servers = [_started(gateway, settings, threads, *where) for gateway, *where in gateways]
        print(f"listening at {settings.listen}", flush=True)
        told.wait()
        for stopping in [server.stop(_GRACE) for server in servers]:
            stopping.wait()
    threads.shutdown(wait=False, cancel_futures=True)


def _started(
    gateway: Gateway, settings: GatewaySettings, threads: ThreadPoolExecutor, address: str, credentials: Any
) -> Any:
    """Raises BadOption for an address that cannot be listened at."""
    server = grpc.server(
        threads, handlers=[gateway], options=_server_options(settings), maximum_concurrent_rpcs=_WAITING
    )
    try:
        if credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, credentials)
    except RuntimeError:
        port = 0
    if not port:
        raise BadOption(f"{address} cannot be listened at: the port is taken, or certificate and key do not fit")
    server.start()
    return server


def _server_options(settings: GatewaySettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16_384),
        ("grpc.max_concurrent_streams", _STREAMS),
        ("grpc.so_reuseport", 0),
        # What a connection holds of a request before it is read stays small, however fast its sender is.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", 1_000_000),
        # A connection that has gone quiet is asked, and closed when nobody answers.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
    ]


def _channel_options(settings: GatewaySettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", settings.max_bytes),
        ("grpc.enable_http_proxy", int(not (settings.triton.startswith("unix:") or is_loopback(settings.triton)))),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1000),
        (ChannelOptions.SingleThreadedUnaryStream, 1),
    ]
