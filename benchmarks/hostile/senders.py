"""Programs that send more than their share, each in a process of its own."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]

from benchmarks.hostile.target import COLLECTION, photo_request, stub_of, told
from seamline.client import Client

Sender = Callable[[str, bytes, bytes, Any, Any], None]
"""Takes the server's address, a photo, a collage, the event that ends it, and the barrier at which sending begins."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


def dear(address: str, photo: bytes, collage: bytes, stop: Any, sending: Any) -> None:
    """Collages, and 200 hits for each of their garments."""
    with Client(address, timeout=60, retries=0) as client:
        sending.wait()
        while not stop.is_set():
            with contextlib.suppress(Exception):
                client.search(collage, collection=COLLECTION, top_k=200)


def large(address: str, photo: bytes, collage: bytes, stop: Any, sending: Any) -> None:
    """Messages that are too large, each larger than the one before."""
    requests = [photo_request(bytes(megabytes * 1_000_000)) for megabytes in (21, 50, 200, 400)]
    with stub_of(address) as stub:
        sending.wait()
        for request in itertools.cycle(requests):
            if stop.is_set():
                return
            told(stub.ModelInfer, request)


def compressed(address: str, photo: bytes, collage: bytes, stop: Any, sending: Any) -> None:
    """A message of 200 MB that is one on the way."""
    request = photo_request(bytes(200_000_000))
    with stub_of(address) as stub:
        sending.wait()
        while not stop.is_set():
            with contextlib.suppress(grpc.RpcError):
                stub.ModelInfer(request, timeout=30, compression=grpc.Compression.Gzip)


def connections(address: str, photo: bytes, collage: bytes, stop: Any, sending: Any) -> None:
    """A thousand connections: half say nothing, half begin, and some of these send a byte a second."""
    host, _, port = address.rpartition(":")
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(1000):
            with contextlib.suppress(OSError):
                opened.append(stack.enter_context(socket.create_connection((host, int(port)), timeout=5)))
        sending.wait()
        for connection in opened[::2]:
            with contextlib.suppress(OSError):
                connection.sendall(_PREFACE)
        while not stop.wait(1):
            for connection in opened[::10]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"\0")


def flood(address: str, photo: bytes, collage: bytes, stop: Any, sending: Any) -> None:
    """Twenty requests at a time."""
    request = photo_request(photo)
    with stub_of(address) as stub, ThreadPoolExecutor(20) as threads:
        sending.wait()
        while not stop.is_set():
            list(threads.map(lambda _: told(stub.ModelInfer, request), range(20)))
