"""Work against its bound: the two take turns over the same photos, so that both meet the same machine."""

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
class Turn:
    """Photos a second of one turn."""

    bound: float
    work: float

    @property
    def ratio(self) -> float:
        """The work over its bound."""
        return self.work / self.bound


@dataclasses.dataclass(frozen=True)
class Figures:
    """All turns over `photos` photos, `in_flight` requests at a time."""

    photos: int
    in_flight: int
    turns: tuple[Turn, ...]

    @property
    def ratio(self) -> float:
        """Time that all turns of the bound took over that of the work."""
        return sum(1 / turn.bound for turn in self.turns) / sum(1 / turn.work for turn in self.turns)

    def to_json(self) -> str:
        """All figures for programs."""
        plain = dataclasses.asdict(self)
        plain |= {"ratio": self.ratio, "median_of_ratios": statistics.median(turn.ratio for turn in self.turns)}
        return json.dumps(plain, indent=2) + "\n"

    def show(self, bound: str, work: str, caption: str = "") -> None:
        """Print them as a table whose columns are named `bound` and `work`."""
        title = f"{self.photos} photos, {self.in_flight} requests in flight, photos a second"
        table = Table("turn", title=title, caption=caption)
        for column in (bound, work, f"{work} over {bound}"):
            table.add_column(column, justify="right")
        for number, turn in enumerate(self.turns, 1):
            table.add_row(str(number), f"{turn.bound:.1f}", f"{turn.work:.1f}", f"{turn.ratio:.2f}")
        table.add_row("all", "", "", f"{self.ratio:.2f}")
        Console().print(table)


def in_turns(bound: Callable[[], float], work: Callable[[], float], turns: int) -> tuple[Turn, ...]:
    """Call both `turns` times, which give photos a second; which goes first changes from turn to turn."""
    return tuple(_turn(bound, work, work_first=bool(number % 2)) for number in range(turns))


def _turn(bound: Callable[[], float], work: Callable[[], float], *, work_first: bool) -> Turn:
    if work_first:
        worked = work()
        return Turn(bound(), worked)
    return Turn(bound(), work())


def embedded_a_second(client: Client, photos: Sequence[Path], in_flight: int) -> float:
    """The bound of everything that embeds: `embed` for all photos, the vectors thrown away.

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


def turns_parser(program: str, description: str, in_flight: str) -> argparse.ArgumentParser:
    """The arguments that such benchmarks share; `in_flight` says whose requests that option counts."""
    parser = parser_of(program, description)
    add_photos(parser)
    parser.add_argument("--number", type=int, default=400, help="how many of them, chosen at random")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--in-flight", type=int, default=4, help=in_flight)
    add_json(parser)
    return parser
