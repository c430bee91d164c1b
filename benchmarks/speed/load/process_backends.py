"""The lower bound: the same networks and steps called directly, by one worker and by as many as there are cores."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.speed.in_process import InProcess
from benchmarks.speed.load.backend import COLLECTION
from benchmarks.speed.load.drive import drive
from benchmarks.speed.load.sample import Sample, cpu_time

_paths: dict[str, tuple[InProcess, Sequence[bytes]]] = {}
"""What a worker process loads once."""


@dataclasses.dataclass(frozen=True)
class InThisProcess:
    """Called by `workers` threads of this process, which share the sessions."""

    path: InProcess
    photos: Sequence[bytes]
    workers: int
    name: str

    @property
    def levels(self) -> tuple[int, ...]:
        return (self.workers,)

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        askers = [lambda number: answer(self.path, model, self.photos[number])] * concurrency
        sample = drive(askers, len(self.photos), requests)
        return dataclasses.replace(sample, server_cpu=sample.client_cpu, client_cpu=0.0)


@dataclasses.dataclass(frozen=True)
class InWorkers:
    """Called by `workers` processes, each with sessions of its own."""

    pool: ProcessPoolExecutor
    photos: int
    workers: int
    name: str

    @property
    def levels(self) -> tuple[int, ...]:
        return (self.workers,)

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        processes = [child.pid for child in multiprocessing.active_children() if child.pid is not None]
        before = cpu_time(processes)
        askers = [lambda number: self.pool.submit(_answer, model, number).result()] * concurrency
        sample = drive(askers, self.photos, requests)
        return dataclasses.replace(sample, server_cpu=(cpu_time(processes) - before) / requests)


def answer(path: InProcess, model: str, photo: bytes) -> object:
    """What `embed` or `search` says of a photo."""
    return path.embed(photo) if model == "embed" else path.search(photo, COLLECTION)


@contextlib.contextmanager
def worker_processes(repository: Path, photos: Sequence[bytes], workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that have loaded the networks; they end with the block, or with this process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _load, (repository, list(photos))) as pool:
        list(pool.map(_ready, range(workers)))
        yield pool


def _load(repository: Path, photos: Sequence[bytes]) -> None:
    _paths["worker"] = InProcess(repository), photos


def _ready(_: int) -> bool:
    return "worker" in _paths


def _answer(model: str, number: int) -> None:
    path, photos = _paths["worker"]
    answer(path, model, photos[number])
