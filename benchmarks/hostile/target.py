"""The server that is attacked, what lies in it, and how its processes are."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]
from tritonclient.grpc import service_pb2 as wire
from tritonclient.grpc import service_pb2_grpc

from benchmarks.photos import collage
from benchmarks.random_collection import fill
from benchmarks.speed.memory import share_of
from seamline.client import Client
from seamline.local import LocalServer, status
from seamline.local.canary import picture
from seamline.local.process import supervised_processes
from seamline.local.stubs import read_stub

COLLECTION, ROWS = "catalogue", 2763
_WITHOUT_LIMIT = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
_INSTANCE = re.compile(r"(\w+?)_\d+_\d+")


@dataclasses.dataclass(frozen=True)
class Process:
    """Megabytes of one process: resident now, at most since its start, and its share of what it shares."""

    name: str
    pid: int
    resident: float
    peak: float
    share: float


class Target:
    """A running server. `photo`: one that holds a garment; `collage`: one with sixteen."""

    def __init__(self, server: LocalServer, photos: list[bytes]) -> None:
        self.server, self.photos = server, photos
        self.home = Path(status(server.options.home)["home"])
        self.photo = photos[0] if photos else picture()
        self.collage = collage(photos or [picture()])

    @contextlib.contextmanager
    def stub(self, *, operator: bool = False) -> Iterator[Any]:
        """Raw calls, to the gateway or, as the operator, to Triton itself."""
        endpoints = self.server.endpoints
        with stub_of(endpoints.triton if operator else endpoints.grpc) as stub:
            yield stub

    def client(self, **options: Any) -> Client:
        """The client that everybody else uses."""
        return Client(self.server.endpoints.grpc, **options)

    def fill(self) -> None:
        """Make the collection that searches ask for."""
        fill(self.server.endpoints, COLLECTION, ROWS)

    def processes(self) -> list[Process]:
        """Every process of the server, also of its steps."""
        found = []
        for pid in supervised_processes(self.home):
            with contextlib.suppress(OSError, StopIteration):
                found.append(_process(pid))
        return found

    def restarts(self) -> int:
        """How often a process had to be replaced so far."""
        told = status(self.home)
        return int(told["reloads"]) + sum(int(service["restarts"]) for service in told["services"].values())

    def wait_until_well(self, seconds: float = 60.0) -> float:
        """Seconds until the server calls itself ready and answers a search. Raises TimeoutError."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            with contextlib.suppress(Exception), self.client(timeout=5, retries=0) as client:
                if status(self.home)["state"] == "ready" and client.search(self.photo, collection=COLLECTION):
                    return time.monotonic() - start
            time.sleep(0.1)
        raise TimeoutError(f"the server did not come back within {seconds:.0f} s")


@contextlib.contextmanager
def stub_of(address: str) -> Iterator[Any]:
    """Raw calls to an address, of messages however large."""
    with grpc.insecure_channel(address, options=_WITHOUT_LIMIT) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def infer_request(
    model: str, inputs: Mapping[str, tuple[str, list[int], bytes]], outputs: tuple[str, ...] = ()
) -> wire.ModelInferRequest:
    """A request of raw tensors: name -> datatype, shape and bytes."""
    request = wire.ModelInferRequest(model_name=model)
    for name, (datatype, shape, raw) in inputs.items():
        request.inputs.add(name=name, datatype=datatype, shape=shape)
        request.raw_input_contents.append(raw)
    for name in outputs:
        request.outputs.add(name=name)
    return request


def photo_request(data: bytes, model: str = "embed", **options: Any) -> wire.ModelInferRequest:
    """A photo for an ensemble."""
    return infer_request(model, {"IMAGE": ("BYTES", [1], as_bytes(data))}, **options)


def search_request(data: bytes) -> wire.ModelInferRequest:
    """A photo to be searched for in COLLECTION."""
    return infer_request(
        "search",
        {"IMAGE": ("BYTES", [1], as_bytes(data)), "COLLECTION": ("BYTES", [1], as_bytes(COLLECTION.encode()))},
    )


def as_bytes(*values: bytes) -> bytes:
    """A BYTES tensor as it goes over the wire."""
    return b"".join(len(value).to_bytes(4, "little") + value for value in values)


def told(call: Any, request: Any, timeout: float = 30.0) -> tuple[str, str]:
    """Code and sentence of a call's answer."""
    try:
        call(request, timeout=timeout)
    except grpc.RpcError as error:
        return str(error.code().name), str(error.details() or "")
    return "OK", ""


def _process(pid: int) -> Process:
    lines = Path("/proc", str(pid), "status").read_text(encoding="utf-8").splitlines()
    told = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines) if rest.split()}
    stub, words = read_stub(pid), Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
    name = stub.model if stub is not None else _name(b" ".join(words).decode(errors="replace"))
    return Process(name, pid, int(told["VmRSS"]) / 1024, int(told["VmHWM"]) / 1024, share_of(pid) / 2**20)


def _name(command: str) -> str:
    names = {
        "milvus_lite": "milvus",
        "tritonserver": "triton",
        "seamline.gateway": "gateway",
        "supervisor": "supervisor",
    }
    return next((name for word, name in names.items() if word in command), command[:40])
