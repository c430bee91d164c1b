"""The whole benchmark: a server of its own, all backends in interleaved runs, and what they took."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import tritonclient.grpc as triton

from benchmarks.own_server import own_server
from benchmarks.speed.in_process import InProcess
from benchmarks.speed.load import fastapi_backends, photo_set, unlimited
from benchmarks.speed.load.analyzer import Analyzer, write_inputs
from benchmarks.speed.load.analyzer_install import Installed
from benchmarks.speed.load.backend import COLLECTION, Backend, LoadError
from benchmarks.speed.load.process_backends import InThisProcess, InWorkers, worker_processes
from benchmarks.speed.load.results import ALONE, ANALYZED, LOWER_BOUND, OURS, Measured
from benchmarks.speed.load.triton_backends import ByAnalyzer, ByThreads
from benchmarks.speed.statistics import counts, ensemble_steps, steps
from seamline.local import Endpoints, LocalServer
from seamline.local.options import DEFAULT_VARIANT
from seamline.local.process import supervised_processes
from seamline.serving.weights import Weights

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is measured. A sample asks for each of `photo_count` photos `rounds` times."""

    folder: Path
    model_repository: Path
    ensembles: Path
    models: tuple[str, ...]
    levels: tuple[int, ...]
    services: tuple[fastapi_backends.Setting, ...]
    photo_count: int
    rounds: int
    runs: int
    catalogue: int
    seed: int

    @property
    def requests(self) -> int:
        """Requests of one sample."""
        return self.photo_count * self.rounds


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was found; `lifted` are the models whose queues have limits outside of this measurement."""

    measured: tuple[Measured, ...]
    photos: photo_set.PhotoSet
    lifted: tuple[str, ...]


def benchmark(plan: Plan, installed: Installed, work: Path, say: Say) -> Outcome:
    """Measure everything, with what it needs in the folder `work`. Raises SeamlineError."""
    if plan.requests < max(plan.levels):
        raise LoadError(
            f"{plan.requests} requests are too few for {max(plan.levels)} at a time; raise --photo-count or --rounds"
        )
    files = photo_set.shuffled(plan.folder, plan.seed)
    detector = Weights.of_repository(plan.model_repository).open_detector(threads=1)
    chosen = photo_set.take(files, plan.photo_count, detector)
    say(chosen.describe())
    models = work / "model_repository"
    lifted = unlimited.write(plan.model_repository, models, DEFAULT_VARIANT)
    with _server(plan, models, work) as server:
        _fill(files[: plan.catalogue], server.endpoints, work)
        say(f"{min(plan.catalogue, len(files))} photos are indexed")
        with _backends(plan, chosen.photos, server, models, installed, work) as backends:
            return Outcome(tuple(_interleaved_runs(plan, backends, server.endpoints, say)), chosen, tuple(lifted))


def _server(plan: Plan, models: Path, work: Path) -> LocalServer:
    return LocalServer(own_server(work / "server", models, plan.ensembles, health_interval=3600.0))


def _fill(files: Sequence[Path], endpoints: Endpoints, work: Path) -> None:
    """Index photos as a user would."""
    manifest = work / "catalogue.csv"
    with manifest.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("item", "photo"), *((f"item {n}", path.resolve()) for n, path in enumerate(files))]
        )
    program = [sys.executable, "-c", "from seamline.cli import app; app()"]
    done = subprocess.run(
        [*program, "index", str(manifest), "--collection", COLLECTION, "--url", endpoints.grpc,
         "--milvus", endpoints.milvus],
        env=os.environ | {"SEAMLINE_HOME": str(work / "server")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LoadError(f"the photos could not be indexed: {(done.stderr or done.stdout).strip()}")


@contextlib.contextmanager
def _backends(
    plan: Plan, photos: Sequence[bytes], server: LocalServer, models: Path, installed: Installed, work: Path
) -> Iterator[list[Backend]]:
    os.environ["SEAMLINE_MILVUS_URI"] = server.endpoints.milvus
    write_inputs(photos, work / "photos.json")
    analyzer = Analyzer(installed, server.endpoints.grpc, work / "photos.json")
    processes, cores = supervised_processes(work / "server", "triton"), os.cpu_count() or 1
    with contextlib.ExitStack() as stack:
        served = [
            stack.enter_context(fastapi_backends.served(service, models, photos, plan.levels, work))
            for service in plan.services
        ]
        pool = stack.enter_context(worker_processes(models, photos, cores))
        single, many = InProcess(models), InProcess(models, threads=cores)
        yield [
            ByAnalyzer(analyzer, processes, plan.levels, ANALYZED),
            InThisProcess(single, photos, 1, ALONE),
            InThisProcess(many, photos, 1, f"{LOWER_BOUND}, networks of {cores} threads"),
            InThisProcess(single, photos, cores, f"{LOWER_BOUND}, {cores} threads"),
            InWorkers(pool, len(photos), cores, f"{LOWER_BOUND} per core, {cores}"),
            ByThreads(server.endpoints.grpc, photos, processes, plan.levels, OURS),
            *served,
        ]


def _interleaved_runs(plan: Plan, backends: Sequence[Backend], endpoints: Endpoints, say: Say) -> Iterator[Measured]:
    """Every backend at every level in each run, so that all meet the same machine; a short round warms up."""
    for model in plan.models:
        for backend in backends:
            backend.measure(model, max(backend.levels), max(plan.photo_count // 4, *backend.levels))
    say("warm")
    with contextlib.closing(triton.InferenceServerClient(endpoints.grpc)) as statistics:
        names = {model: ensemble_steps(statistics, model) for model in plan.models}
        for run in range(plan.runs):
            for model in plan.models:
                start = time.monotonic()
                for level in sorted({level for backend in backends for level in backend.levels}):
                    for backend in (backend for backend in backends if level in backend.levels):
                        before = counts(statistics)
                        sample = backend.measure(model, level, plan.requests)
                        spent = steps(before, counts(statistics), names[model]) if backend.name == ANALYZED else ()
                        yield Measured(model, backend.name, level, run, sample, spent)
                say(f"run {run + 1} of {plan.runs}, {model}: {time.monotonic() - start:.0f} s")
