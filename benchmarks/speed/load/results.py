"""All measurements, and the figures drawn from them."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterable

from benchmarks.speed.load.sample import Sample
from benchmarks.speed.statistics import Step

ANALYZED, OURS, ALONE = "Triton", "Triton, our client", "one process"
"""The ensemble asked by perf_analyzer, by our own client, and the steps called by one thread of one process."""

LOWER_BOUND, BASELINES = "one process", ("FastAPI", "tuned FastAPI")
"""What the names of the lower bounds and of the baselines begin with; the second has networks of one thread."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """One sample of one backend in one run; `steps` are Triton's own means where it was Triton."""

    model: str
    backend: str
    concurrency: int
    run: int
    sample: Sample
    steps: tuple[Step, ...] = ()


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A ratio of two backends, run by run; `must` and `aim` are what it is held against, where it has some."""

    model: str
    name: str
    of: str
    runs: tuple[float, ...]
    must: float | None = None
    aim: float | None = None
    smaller_is_better: bool = False

    @property
    def value(self) -> float:
        """The median of the runs."""
        return statistics.median(self.runs)

    def verdict(self) -> str:
        """How the median stands against `must` and `aim`."""
        if self.must is None or self.aim is None:
            return ""
        sign = -1 if self.smaller_is_better else 1
        if sign * self.value >= sign * self.aim:
            return "reaches the aim"
        return "reaches the must" if sign * self.value >= sign * self.must else "misses the must"


class Results:
    """The measurements by model, backend and concurrency."""

    def __init__(self, measured: Iterable[Measured]) -> None:
        self.all = tuple(measured)

    def models(self) -> list[str]:
        """The ensembles that were measured, in order."""
        return list(dict.fromkeys(entry.model for entry in self.all))

    def backends(self, model: str, beginning: str = "") -> list[str]:
        """The backends of a model whose names begin so: Triton, the lower bounds, the baselines."""
        names = dict.fromkeys(entry.backend for entry in self.all if entry.model == model)
        groups = ANALYZED, LOWER_BOUND, *BASELINES
        return [name for group in groups for name in names if name.startswith(group) and name.startswith(beginning)]

    def levels(self, model: str, backend: str) -> list[int]:
        """The concurrencies at which a backend was asked."""
        return sorted({entry.concurrency for entry in self.all if (entry.model, entry.backend) == (model, backend)})

    def runs(self, model: str, backend: str, concurrency: int) -> list[Measured]:
        """The samples of all runs."""
        wanted = model, backend, concurrency
        return [entry for entry in self.all if (entry.model, entry.backend, entry.concurrency) == wanted]

    def percentile(self, model: str, backend: str, concurrency: int, rank: float) -> float:
        """Milliseconds over the requests of all runs together."""
        return self._together(model, backend, concurrency).percentile(rank)

    def median(self, model: str, backend: str, concurrency: int, figure: Callable[[Sample], float]) -> float:
        """The median of the runs' own figures."""
        return statistics.median(figure(entry.sample) for entry in self.runs(model, backend, concurrency))

    def throughput(self, model: str, backend: str, concurrency: int) -> float:
        """Answers a second, the median of the runs."""
        return self.median(model, backend, concurrency, lambda sample: sample.throughput)

    def best(self, model: str, backend: str) -> int:
        """The concurrency at which a backend answers most."""
        return max(self.levels(model, backend), key=lambda level: self.throughput(model, backend, level))

    def fastest(self, model: str, beginning: str) -> tuple[str, int]:
        """The backend, of those whose names begin so, that answers most, and at which concurrency."""
        backends = [(name, self.best(model, name)) for name in self.backends(model, beginning)]
        return max(backends, key=lambda backend: self.throughput(model, *backend))

    def steps(self, model: str, concurrency: int) -> list[Step]:
        """Triton's per-step means, averaged over the runs (which have equally many requests)."""
        runs = [entry.steps for entry in self.runs(model, ANALYZED, concurrency)]
        return [
            Step(
                same[0].name,
                *(statistics.fmean(getattr(step, part) for step in same) for part in ("queue", "compute", "total")),
            )
            for same in zip(*runs, strict=True)
        ]

    def _together(self, model: str, backend: str, concurrency: int) -> Sample:
        samples = [entry.sample for entry in self.runs(model, backend, concurrency)]
        return Sample(
            tuple(latency for sample in samples for latency in sample.latencies),
            sum(sample.seconds for sample in samples),
        )


def ratios(results: Results, model: str) -> list[Ratio]:
    """What the path must reach against its lower bound and its baselines."""
    baselines = [_baseline(results, model, baseline) for baseline in BASELINES if results.backends(model, baseline)]
    return [_latency(results, model), _throughput(results, model), *baselines, _cost(results, model)]


def _latency(results: Results, model: str) -> Ratio:
    runs = _by_run(results, (model, ANALYZED, 1), (model, ALONE, 1), lambda sample: sample.percentile(50))
    of = f"{ANALYZED} at concurrency 1 over {ALONE}"
    return Ratio(model, "p50", of, runs, must=1.8, aim=1.3, smaller_is_better=True)


def _throughput(results: Results, model: str) -> Ratio:
    level, (bound, workers) = results.best(model, ANALYZED), results.fastest(model, LOWER_BOUND)
    runs = _by_run(results, (model, ANALYZED, level), (model, bound, workers), _rate)
    of = f"{ANALYZED} at concurrency {level} over {bound}"
    return Ratio(model, "throughput", of, runs, must=0.75, aim=0.9)


def _baseline(results: Results, model: str, beginning: str) -> Ratio:
    level, (baseline, its_level) = results.best(model, OURS), results.fastest(model, beginning)
    runs = _by_run(results, (model, OURS, level), (model, baseline, its_level), _rate)
    of = f"{OURS}, at concurrency {level} over {baseline}, at {its_level}"
    return Ratio(model, "throughput", of, runs, must=1.0, aim=1.3)


def _cost(results: Results, model: str) -> Ratio:
    """Other work on the machine hardly moves this one: it is what throughput on all cores comes from."""
    level, (bound, workers) = results.best(model, ANALYZED), results.fastest(model, LOWER_BOUND)
    runs = _by_run(results, (model, ANALYZED, level), (model, bound, workers), lambda sample: sample.server_cpu)
    return Ratio(model, "CPU time", f"{ANALYZED} at concurrency {level} over {bound}", runs)


def _rate(sample: Sample) -> float:
    return sample.throughput


def _by_run(
    results: Results, one: tuple[str, str, int], other: tuple[str, str, int], figure: Callable[[Sample], float]
) -> tuple[float, ...]:
    pairs = zip(results.runs(*one), results.runs(*other), strict=True)
    return tuple(figure(mine.sample) / figure(its.sample) for mine, its in pairs)
