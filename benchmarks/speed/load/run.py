"""One run: a server of its own, all ways in turns, and what they took."""

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

from benchmarks.speed.in_process import InProcess
from benchmarks.speed.load import fastapi_ways, photos, unlimited
from benchmarks.speed.load.analyzer import Analyzer, write_inputs
from benchmarks.speed.load.analyzer_install import Installed
from benchmarks.speed.load.errors import LoadError
from benchmarks.speed.load.process_ways import InThisProcess, InWorkers, worker_processes
from benchmarks.speed.load.results import ALONE, ANALYZED, BOUND, OURS, Measured
from benchmarks.speed.load.triton_ways import ByAnalyzer, ByThreads
from benchmarks.speed.load.way import COLLECTION, Way
from benchmarks.speed.statistics import counts, steps
from seamline.local import Endpoints, LocalOptions, LocalServer
from seamline.local.options import DEFAULT_VARIANT
from seamline.local.process import marked
from seamline.local.repository import read_config
from seamline.serving.weights import Weights

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is measured. Every window asks for each of `sample` photos `rounds` times."""

    folder: Path
    model_repository: Path
    ensembles: Path
    models: tuple[str, ...]
    levels: tuple[int, ...]
    services: tuple[fastapi_ways.Setting, ...]
    sample: int
    rounds: int
    turns: int
    catalogue: int
    seed: int

    @property
    def requests(self) -> int:
        """Requests of one window."""
        return self.sample * self.rounds


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run found; `lifted` are the models whose queues have limits outside of this measurement."""

    measured: tuple[Measured, ...]
    sample: photos.Sample
    lifted: tuple[str, ...]


def run(plan: Plan, installed: Installed, work: Path, say: Say) -> Outcome:
    """Measure everything, with what it needs in the folder `work`. Raises SeamlineError."""
    if plan.requests < max(plan.levels):
        raise LoadError(
            f"{plan.requests} requests are too few for {max(plan.levels)} at a time; raise --sample or --rounds"
        )
    files = photos.shuffled(plan.folder, plan.seed)
    sample = photos.take(files, plan.sample, Weights.of_repository(plan.model_repository).open_detector(threads=1))
    say(sample.describe())
    models = work / "model_repository"
    lifted = unlimited.write(plan.model_repository, models, DEFAULT_VARIANT)
    with _server(plan, models, work) as server:
        _fill(files[: plan.catalogue], server.endpoints, work)
        say(f"{min(plan.catalogue, len(files))} photos are indexed")
        with _ways(plan, sample.photos, server, models, installed, work) as ways:
            return Outcome(tuple(_turns(plan, ways, server.endpoints, say)), sample, tuple(lifted))


def _server(plan: Plan, models: Path, work: Path) -> LocalServer:
    options = LocalOptions(
        home=work / "server", model_repository=models, ensembles=plan.ensembles,
        grpc_port=0, http_port=0, metrics_port=0, milvus_port=0, health_interval=3600.0,
    )  # fmt: skip
    return LocalServer(options)


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
def _ways(
    plan: Plan, sample: Sequence[bytes], server: LocalServer, models: Path, installed: Installed, work: Path
) -> Iterator[list[Way]]:
    os.environ["SEAMLINE_MILVUS_URI"] = server.endpoints.milvus
    write_inputs(sample, work / "photos.json")
    analyzer = Analyzer(installed, server.endpoints.grpc, work / "photos.json")
    processes, cores = marked(work / "server", "triton"), os.cpu_count() or 1
    with contextlib.ExitStack() as stack:
        served = [
            stack.enter_context(fastapi_ways.served(service, models, sample, plan.levels, work))
            for service in plan.services
        ]
        pool = stack.enter_context(worker_processes(models, sample, cores))
        single, many = InProcess(models), InProcess(models, threads=cores)
        yield [
            ByAnalyzer(analyzer, processes, plan.levels, ANALYZED),
            InThisProcess(single, sample, 1, ALONE),
            InThisProcess(many, sample, 1, f"{BOUND}, networks of {cores} threads"),
            InThisProcess(single, sample, cores, f"{BOUND}, {cores} threads"),
            InWorkers(pool, len(sample), cores, f"{BOUND} per core, {cores}"),
            ByThreads(server.endpoints.grpc, sample, processes, plan.levels, OURS),
            *served,
        ]


def _turns(plan: Plan, ways: Sequence[Way], endpoints: Endpoints, say: Say) -> Iterator[Measured]:
    """Every way at every level in each turn, so that all meet the same machine; a short round before them warms up."""
    names = {model: _steps(plan.ensembles / model) for model in plan.models}
    for model in plan.models:
        for way in ways:
            way.measure(model, max(way.levels), max(plan.sample // 4, *way.levels))
    say("warm")
    with contextlib.closing(triton.InferenceServerClient(endpoints.grpc)) as statistics:
        for turn in range(plan.turns):
            for model in plan.models:
                start = time.monotonic()
                for level in sorted({level for way in ways for level in way.levels}):
                    for way in (way for way in ways if level in way.levels):
                        before = counts(statistics)
                        window = way.measure(model, level, plan.requests)
                        spent = steps(before, counts(statistics), names[model]) if way.name == ANALYZED else ()
                        yield Measured(model, way.name, level, turn, window, spent)
                say(f"turn {turn + 1} of {plan.turns}, {model}: {time.monotonic() - start:.0f} s")


def _steps(ensemble: Path) -> list[str]:
    return [step.model_name for step in read_config(ensemble).ensemble_scheduling.step]
