"""Orders that only the operator may give, asked for by everybody else, and doors that must not be there."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path
from typing import Any

from tritonclient.grpc import service_pb2 as wire

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, photo_request, told
from seamline.local.folder import StateFolder
from seamline.local.process import shared_memory_files, supervised_processes

_CODE = "import os\nos.system('true')\nclass TritonPythonModel: pass\n"


def attack(target: Target) -> Outcome:
    """Every order of Triton's protocol through the gateway, HTTP on every port, and what other users can read."""
    outcome = Outcome("orders and doors")
    before = target.restarts()
    with target.stub() as stub:
        for name, request in _orders(target):
            code, sentence = told(getattr(stub, name), request)
            outcome.count(code, sentence)
            if code not in ("PERMISSION_DENIED", "UNIMPLEMENTED"):
                outcome.fail(f"{name} is answered with {code}")
        asked = photo_request(target.photo)
        asked.outputs.add(name="VERSIONS").parameters["classification"].int64_param = 1
        outcome.count(*told(stub.ModelInfer, asked))
        for step in ("decode", "crop", "trim", "retrieve", "detector"):
            code, sentence = told(stub.ModelInfer, photo_request(target.photo, step))
            outcome.count(code, sentence)
            if code != "NOT_FOUND":
                outcome.fail(f"the step {step} is answered with {code}")
    _ask_over_http(target, outcome)
    _look_at_files(target, outcome)
    outcome.require("restarts", target.restarts() - before, 0)
    return outcome


def _orders(target: Target) -> list[tuple[str, Any]]:
    load = wire.RepositoryModelLoadRequest(model_name="x")
    load.parameters["file:1/model.py"].bytes_param = _CODE.encode()
    load.parameters["config"].string_param = '{"backend": "python"}'
    names = [file.name for file in shared_memory_files(StateFolder.at(target.home).shared_memory_prefix)]
    register = wire.SystemSharedMemoryRegisterRequest(name="theirs", key=f"/{names[0]}", byte_size=4096)
    trace = wire.TraceSettingRequest()
    trace.settings["trace_level"].value.append("TENSORS")
    log = wire.LogSettingsRequest()
    log.settings["log_verbose_level"].uint32_param = 9
    return [
        ("RepositoryModelLoad", load),
        ("RepositoryModelUnload", wire.RepositoryModelUnloadRequest(model_name="embed")),
        ("RepositoryIndex", wire.RepositoryIndexRequest()),
        ("SystemSharedMemoryRegister", register),
        ("SystemSharedMemoryStatus", wire.SystemSharedMemoryStatusRequest()),
        ("SystemSharedMemoryUnregister", wire.SystemSharedMemoryUnregisterRequest()),
        ("CudaSharedMemoryRegister", wire.CudaSharedMemoryRegisterRequest(name="a", byte_size=1)),
        ("CudaSharedMemoryStatus", wire.CudaSharedMemoryStatusRequest()),
        ("CudaSharedMemoryUnregister", wire.CudaSharedMemoryUnregisterRequest()),
        ("TraceSetting", trace),
        ("LogSettings", log),
    ]


def _ask_over_http(target: Target, outcome: Outcome) -> None:
    """An order as a web page could send it, and a body of many chunks, to every port that anything listens on."""
    order = b"POST /v2/repository/models/x/load HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n"
    chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nA\r\n" * 700_000 + b"0\r\n\r\n"
    for port in _listening(target):
        for body in (b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", chunks):
            answer = _answer(port, order + body)
            outcome.count("HTTP " + (answer[9:12].decode(errors="replace") if answer.startswith(b"HTTP") else "none"))
            if answer.startswith(b"HTTP/1.1 2"):
                outcome.fail(f"port {port} takes orders over HTTP")


def _answer(port: int, request: bytes) -> bytes:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            connection.sendall(request)
        return connection.recv(200)
    return b""


def _listening(target: Target) -> list[int]:
    """Ports at which any process of the server listens; all must be on loopback."""
    mine = set()
    for pid in supervised_processes(target.home):
        with contextlib.suppress(OSError):
            mine |= {os.readlink(file) for file in Path("/proc", str(pid), "fd").iterdir()}
    ports = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text(encoding="utf-8").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                ports.append(int(fields[1].rpartition(":")[2], 16))
    return sorted(set(ports))


def _look_at_files(target: Target, outcome: Outcome) -> None:
    files = shared_memory_files(StateFolder.at(target.home).shared_memory_prefix)
    others = [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]
    outcome.require("files in /dev/shm that others can read", len(others), 0)
    outcome.require("megabytes in /dev/shm", sum(file.stat().st_blocks * 512 for file in files) / 1e6, 400)
    outcome.require("rights of others on the state folder", stat.S_IMODE(target.home.stat().st_mode) & 0o077, 0)
