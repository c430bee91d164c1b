"""`python -m benchmarks.speed.gateway PHOTOS`: what the gateway costs, against Triton's own address, interleaved.

A lone client sends each photo both ways in turn, so that both meet the same machine; then four clients at a time send
the same photos one way and the other, in interleaved runs. The server is one of its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_json, add_model_repository, add_photos, parser_of
from benchmarks.own_server import own_server
from benchmarks.photos import chosen_photos
from benchmarks.speed.interleaved import interleaved_runs
from seamline.client import Client
from seamline.core.output_files import write_text
from seamline.local import LocalServer

_CONCURRENCY, _WARM_UP = 4, 5


@dataclasses.dataclass(frozen=True)
class Cost:
    """Medians in milliseconds of a lone client, the median of the differences of pairs, and photos a second of four
    clients through the gateway over those without it, of each pair of runs."""

    direct: float
    through: float
    difference: float
    rates: tuple[float, ...]


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    chosen = chosen_photos(arguments.photos, arguments.number, arguments.seed)
    with tempfile.TemporaryDirectory(prefix="seamline-gateway-") as folder:
        options = own_server(Path(folder), arguments.model_repository, arguments.ensembles)
        with LocalServer(options) as server:
            cost = measure(server, chosen, arguments.requests, arguments.runs)
    _show(cost)
    if arguments.json is not None:
        write_text(arguments.json, json.dumps(dataclasses.asdict(cost), indent=2) + "\n")
    return 0


def measure(server: LocalServer, photos: Sequence[bytes], requests: int, runs: int) -> Cost:
    """Both ways into one server."""
    with (
        Client(server.endpoints.triton, timeout=60, retries=100) as direct,
        Client(server.endpoints.grpc, timeout=60, retries=100) as through,
    ):
        pairs = np.array([_pair(direct, through, photos, number) for number in range(requests + _WARM_UP)])[_WARM_UP:]
        rates = interleaved_runs(
            lambda: _a_second(direct, photos, requests), lambda: _a_second(through, photos, requests), runs
        )
    median = np.median(pairs, 0)
    difference = float(np.median(pairs[:, 1] - pairs[:, 0]))
    return Cost(float(median[0]), float(median[1]), difference, tuple(run.ratio for run in rates))


def _pair(direct: Client, through: Client, photos: Sequence[bytes], number: int) -> tuple[float, float]:
    """Milliseconds of one photo both ways; which goes first changes."""
    photo, times = photos[number % len(photos)], [0.0, 0.0]
    for way in (0, 1) if number % 2 else (1, 0):
        start = time.perf_counter()
        (direct, through)[way].embed(photo)
        times[way] = 1000 * (time.perf_counter() - start)
    return times[0], times[1]


def _a_second(client: Client, photos: Sequence[bytes], requests: int) -> float:
    with ThreadPoolExecutor(_CONCURRENCY) as threads:
        start = time.perf_counter()
        list(threads.map(client.embed, itertools.islice(itertools.cycle(photos), requests)))
        return requests / (time.perf_counter() - start)


def _show(cost: Cost) -> None:
    table = Table("", "through the gateway", "Triton itself", "cost", title="embed")
    table.add_row("lone client, p50, ms", f"{cost.through:.1f}", f"{cost.direct:.1f}", f"{cost.difference:+.2f} ms")
    rates = ", ".join(f"{rate:.2f}" for rate in cost.rates)
    table.add_row("four clients, photos a second", f"{np.median(cost.rates):.3f}", "1", rates)
    Console().print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.gateway", __doc__)
    add_photos(parser)
    parser.add_argument("--number", type=int, default=24, help="photos, chosen at random")
    parser.add_argument("--requests", type=int, default=200, help="of a lone client, and of each run of four")
    parser.add_argument("--runs", type=int, default=6, help="of four clients, each way")
    add_model_repository(parser)
    add_ensembles(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
