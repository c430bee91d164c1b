"""Work against its baseline, in interleaved runs over the same photos, so that both meet the same machine."""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, add_photos, parser_of
from seamline.catalogue import photos_below
from seamline.client import Client

RETRIES = 100
"""Attempts of a client that must have an answer to every request, however busy the server is."""


@dataclasses.dataclass(frozen=True)
class Run:
    """Photos a second of one run of each."""

    baseline: float
    work: float

    @property
    def ratio(self) -> float:
        """The work over its baseline."""
        return self.work / self.baseline


@dataclasses.dataclass(frozen=True)
class Figures:
    """All runs over `photos` photos, `in_flight` requests at a time."""

    photos: int
    in_flight: int
    runs: tuple[Run, ...]

    @property
    def ratio(self) -> float:
        """Time that all runs of the baseline took over that of the work."""
        return sum(1 / run.baseline for run in self.runs) / sum(1 / run.work for run in self.runs)

    def to_json(self) -> str:
        """All figures for programs."""
        plain = dataclasses.asdict(self)
        plain |= {"ratio": self.ratio, "median_of_ratios": statistics.median(run.ratio for run in self.runs)}
        return json.dumps(plain, indent=2) + "\n"

    def show(self, baseline: str, work: str, caption: str = "") -> None:
        """Print them as a table whose columns are named `baseline` and `work`."""
        title = f"{self.photos} photos, {self.in_flight} requests in flight, photos a second"
        table = Table("run", title=title, caption=caption)
        for column in (baseline, work, f"{work} over {baseline}"):
            table.add_column(column, justify="right")
        for number, run in enumerate(self.runs, 1):
            table.add_row(str(number), f"{run.baseline:.1f}", f"{run.work:.1f}", f"{run.ratio:.2f}")
        table.add_row("all", "", "", f"{self.ratio:.2f}")
        Console().print(table)


def interleaved_runs(baseline: Callable[[], float], work: Callable[[], float], count: int) -> tuple[Run, ...]:
    """Call both `count` times, which give photos a second; which goes first changes from run to run."""
    return tuple(_run(baseline, work, work_first=bool(number % 2)) for number in range(count))


def _run(baseline: Callable[[], float], work: Callable[[], float], *, work_first: bool) -> Run:
    if work_first:
        worked = work()
        return Run(baseline(), worked)
    return Run(baseline(), work())


def embedded_a_second(client: Client, photos: Sequence[Path], in_flight: int) -> float:
    """The baseline of everything that embeds: `embed` for all photos, the vectors thrown away.

    Raises SystemExit for a photo that cannot be embedded.
    """
    start = time.perf_counter()
    for outcome in client.embed_many(photos, in_flight=in_flight):
        if outcome.error is not None:
            raise SystemExit(f"{outcome.path}: {outcome.error}; leave it out, so that both sides do the same work")
    return len(photos) / (time.perf_counter() - start)


def chosen_photos(arguments: argparse.Namespace) -> list[Path]:
    """The photos that the command line names."""
    photos = list(photos_below(arguments.photos))
    random.Random(arguments.seed).shuffle(photos)
    return photos[: arguments.number]


def runs_parser(program: str, docstring: str | None, in_flight: str) -> argparse.ArgumentParser:
    """The arguments that such benchmarks share; `in_flight` says whose requests that option counts."""
    parser = parser_of(program, docstring)
    add_photos(parser)
    parser.add_argument("--number", type=int, default=400, help="how many of them, chosen at random")
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--in-flight", type=int, default=4, help=in_flight)
    add_json(parser)
    return parser
