"""The FastAPI service in uvicorn's worker processes, and the client that asks it."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.speed.load.backend import LoadError
from benchmarks.speed.load.drive import Ask, drive
from benchmarks.speed.load.sample import Sample, cpu_time
from seamline.local.ports import free_ports
from seamline.local.process import process_table, read_from, spawn, tail

_HOST, _START, _STOP = "127.0.0.1", 90.0, 15.0
_READY = "Application startup complete"
_BOUNDARY = "a-boundary-that-no-photo-holds"
_ROOT = Path(__file__).parents[3]


@dataclasses.dataclass(frozen=True)
class Setting:
    """Worker processes, and threads of every network in them (0: onnxruntime's own choice)."""

    workers: int
    threads: int = 0

    @property
    def name(self) -> str:
        """How the report calls the service."""
        name = f"FastAPI, {self.workers} worker{'s' if self.workers > 1 else ''}"
        return name if self.threads == 0 else f"tuned {name}, {self.threads} thread{'s' if self.threads > 1 else ''}"


@dataclasses.dataclass(frozen=True)
class ByHttp:
    """The service, asked by threads with one kept connection each: forms are made beforehand, JSON not unpacked."""

    port: int
    photos: Sequence[bytes]
    processes: Sequence[int]
    levels: tuple[int, ...]
    name: str

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        before = cpu_time(self.processes)
        with contextlib.ExitStack() as stack:
            askers = [stack.enter_context(_asker(self.port, model, self.photos)) for _ in range(concurrency)]
            sample = drive(askers, len(self.photos), requests)
        return dataclasses.replace(sample, server_cpu=(cpu_time(self.processes) - before) / requests)


@contextlib.contextmanager
def served(
    setting: Setting, repository: Path, photos: Sequence[bytes], levels: tuple[int, ...], folder: Path
) -> Iterator[ByHttp]:
    """The service for as long as the block; its index is SEAMLINE_MILVUS_URI's, its log in `folder`.

    Raises LoadError when it does not start.
    """
    (port,) = free_ports(1)
    log = folder / f"fastapi-{setting.workers}-{setting.threads}.log"
    process = spawn(_command(setting, port), _environment(setting, repository), _ROOT, log, signal.SIGTERM)
    try:
        _wait(process, log, setting.workers)
        yield ByHttp(port, photos, _descendants(process.pid), levels, setting.name)
    finally:
        _stop(process)


def _command(setting: Setting, port: int) -> list[str]:
    app = "benchmarks.speed.load.fastapi_service:app"
    return [
        sys.executable, "-m", "uvicorn", app, "--host", _HOST, "--port", str(port), "--workers", str(setting.workers),
        "--no-access-log", "--no-use-colors",
    ]  # fmt: skip


def _environment(setting: Setting, repository: Path) -> Mapping[str, str]:
    return os.environ | {"LOAD_MODEL_REPOSITORY": str(repository.resolve()), "LOAD_THREADS": str(setting.threads)}


def _wait(process: subprocess.Popen[bytes], log: Path, workers: int) -> None:
    deadline = time.monotonic() + _START
    while read_from(log, 0).count(_READY) < workers:
        if process.poll() is not None or time.monotonic() > deadline:
            raise LoadError(f"the FastAPI service did not start: {(tail(log) or 'it said nothing').splitlines()[-1]}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP)
    except subprocess.TimeoutExpired:
        for pid in _descendants(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _descendants(pid: int) -> list[int]:
    """The process and all that it started, directly or not."""
    table, found = process_table(), [pid]
    for parent in found:
        found += [child for child, (its_parent, state) in table.items() if its_parent == parent and state != "Z"]
    return found


@contextlib.contextmanager
def _asker(port: int, model: str, photos: Sequence[bytes]) -> Iterator[Ask]:
    forms = [_form(photo) for photo in photos]
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    connection = http.client.HTTPConnection(_HOST, port, timeout=120)

    def ask(number: int) -> object:
        try:
            connection.request("POST", f"/{model}", forms[number], headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LoadError(f"the FastAPI service did not answer /{model}: {error!r}") from None
        if response.status != http.HTTPStatus.OK:
            raise LoadError(f"the FastAPI service answered /{model} with {response.status}")
        return content

    with contextlib.closing(connection):
        yield ask


def _form(photo: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="photo"\r\n\r\n'
    return head.encode() + photo + f"\r\n--{_BOUNDARY}--\r\n".encode()
