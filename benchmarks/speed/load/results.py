"""All measurements of a run, and the figures drawn from them."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterable

from benchmarks.speed.load.window import Window
from benchmarks.speed.statistics import Step

ANALYZED, OURS, ALONE = "Triton", "Triton, our client", "one process"
"""The ensemble asked by perf_analyzer, by our own client, and the steps called by one thread of one process."""

BOUND, RIVALS = "one process", ("FastAPI", "tuned FastAPI")
"""What the names of all bounds and of the rivals, as usually written and with networks of one thread, begin with."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """One window of one way in one turn; `steps` are Triton's own means where it was Triton."""

    model: str
    way: str
    concurrency: int
    turn: int
    window: Window
    steps: tuple[Step, ...] = ()


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A ratio of two ways, turn by turn; `must` and `aim` are bounds that it is held against, where it has some."""

    model: str
    name: str
    of: str
    turns: tuple[float, ...]
    must: float | None = None
    aim: float | None = None
    smaller_is_better: bool = False

    @property
    def value(self) -> float:
        """The median of the turns."""
        return statistics.median(self.turns)

    def verdict(self) -> str:
        """How the median stands against `must` and `aim`."""
        if self.must is None or self.aim is None:
            return ""
        sign = -1 if self.smaller_is_better else 1
        if sign * self.value >= sign * self.aim:
            return "reaches the aim"
        return "reaches the must" if sign * self.value >= sign * self.must else "misses the must"


class Results:
    """The measurements by model, way and concurrency."""

    def __init__(self, measured: Iterable[Measured]) -> None:
        self.all = tuple(measured)

    def models(self) -> list[str]:
        """The ensembles that were measured, in order."""
        return list(dict.fromkeys(entry.model for entry in self.all))

    def ways(self, model: str, beginning: str = "") -> list[str]:
        """The ways of a model whose names begin so: Triton, the bounds, the rivals."""
        names = dict.fromkeys(entry.way for entry in self.all if entry.model == model)
        groups = ANALYZED, BOUND, *RIVALS
        return [name for group in groups for name in names if name.startswith(group) and name.startswith(beginning)]

    def levels(self, model: str, way: str) -> list[int]:
        """The concurrencies at which a way was asked."""
        return sorted({entry.concurrency for entry in self.all if (entry.model, entry.way) == (model, way)})

    def turns(self, model: str, way: str, concurrency: int) -> list[Measured]:
        """The windows of all turns."""
        wanted = model, way, concurrency
        return [entry for entry in self.all if (entry.model, entry.way, entry.concurrency) == wanted]

    def percentile(self, model: str, way: str, concurrency: int, rank: float) -> float:
        """Milliseconds over the requests of all turns together."""
        return self._together(model, way, concurrency).percentile(rank)

    def median(self, model: str, way: str, concurrency: int, figure: Callable[[Window], float]) -> float:
        """The median of the turns' own figures."""
        return statistics.median(figure(entry.window) for entry in self.turns(model, way, concurrency))

    def throughput(self, model: str, way: str, concurrency: int) -> float:
        """Answers a second, the median of the turns."""
        return self.median(model, way, concurrency, lambda window: window.throughput)

    def best(self, model: str, way: str) -> int:
        """The concurrency at which a way answers most."""
        return max(self.levels(model, way), key=lambda level: self.throughput(model, way, level))

    def fastest(self, model: str, beginning: str) -> tuple[str, int]:
        """The way, of those whose names begin so, that answers most, and at which concurrency."""
        ways = [(name, self.best(model, name)) for name in self.ways(model, beginning)]
        return max(ways, key=lambda way: self.throughput(model, *way))

    def steps(self, model: str, concurrency: int) -> list[Step]:
        """Triton's per-step means, averaged over the turns (which have equally many requests)."""
        turns = [entry.steps for entry in self.turns(model, ANALYZED, concurrency)]
        return [
            Step(
                same[0].name,
                *(statistics.fmean(getattr(step, part) for step in same) for part in ("queue", "compute", "total")),
            )
            for same in zip(*turns, strict=True)
        ]

    def _together(self, model: str, way: str, concurrency: int) -> Window:
        windows = [entry.window for entry in self.turns(model, way, concurrency)]
        return Window(
            tuple(latency for window in windows for latency in window.latencies),
            sum(window.seconds for window in windows),
        )


def ratios(results: Results, model: str) -> list[Ratio]:
    """What the path must reach against its bound and its rival."""
    rivals = [_rival(results, model, rival) for rival in RIVALS if results.ways(model, rival)]
    return [_latency(results, model), _throughput(results, model), *rivals, _cost(results, model)]


def _latency(results: Results, model: str) -> Ratio:
    turns = _by_turn(results, (model, ANALYZED, 1), (model, ALONE, 1), lambda window: window.percentile(50))
    of = f"{ANALYZED} at concurrency 1 over {ALONE}"
    return Ratio(model, "p50", of, turns, must=1.8, aim=1.3, smaller_is_better=True)


def _throughput(results: Results, model: str) -> Ratio:
    level, (bound, workers) = results.best(model, ANALYZED), results.fastest(model, BOUND)
    turns = _by_turn(results, (model, ANALYZED, level), (model, bound, workers), _rate)
    of = f"{ANALYZED} at concurrency {level} over {bound}"
    return Ratio(model, "throughput", of, turns, must=0.75, aim=0.9)


def _rival(results: Results, model: str, beginning: str) -> Ratio:
    level, (rival, its_level) = results.best(model, OURS), results.fastest(model, beginning)
    turns = _by_turn(results, (model, OURS, level), (model, rival, its_level), _rate)
    of = f"{OURS}, at concurrency {level} over {rival}, at {its_level}"
    return Ratio(model, "throughput", of, turns, must=1.0, aim=1.3)


def _cost(results: Results, model: str) -> Ratio:
    """Other work on the machine hardly moves this one: it is what throughput on all cores comes from."""
    level, (bound, workers) = results.best(model, ANALYZED), results.fastest(model, BOUND)
    turns = _by_turn(results, (model, ANALYZED, level), (model, bound, workers), lambda window: window.serving)
    return Ratio(model, "processor time", f"{ANALYZED} at concurrency {level} over {bound}", turns)


def _rate(window: Window) -> float:
    return window.throughput


def _by_turn(
    results: Results, one: tuple[str, str, int], other: tuple[str, str, int], figure: Callable[[Window], float]
) -> tuple[float, ...]:
    pairs = zip(results.turns(*one), results.turns(*other), strict=True)
    return tuple(figure(mine.window) / figure(its.window) for mine, its in pairs)
