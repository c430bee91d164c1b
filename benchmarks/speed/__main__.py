"""`python -m benchmarks.speed PHOTOS --collection NAME`: `search` through the running server, step by step, and the
same steps called in one process, interleaved, so that both meet the same machine.

PHOTOS is a folder of photos; NAME a collection that `seamline index` has filled. Times are milliseconds.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tritonclient.grpc as triton
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_json, add_model_repository, add_photos, parser_of
from benchmarks.speed.in_process import InProcess
from benchmarks.speed.statistics import Step, counts, ensemble_steps, steps
from seamline.catalogue import photos_below
from seamline.client import Client
from seamline.connections import open_index
from seamline.core.output_files import write_text

_WARM_UP = 5


@dataclasses.dataclass(frozen=True)
class Speed:
    """Latencies of one client, one request at a time."""

    requests: int
    served: tuple[float, ...]
    in_process: tuple[float, ...]
    steps: tuple[Step, ...]

    def ratio(self) -> float:
        """Median of the served path over that of the same steps in one process."""
        return float(np.median(self.served) / np.median(self.in_process))

    def to_json(self) -> str:
        """All figures for programs."""
        plain = dataclasses.asdict(self) | {"ratio_of_medians": self.ratio()}
        return json.dumps(plain, indent=2) + "\n"


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos = list(photos_below(arguments.photos))
    chosen = random.Random(arguments.seed).choices(photos, k=arguments.requests + _WARM_UP)
    with Client() as client:
        speed = _measure(client, chosen, arguments.collection, arguments.model_repository)
    _show(speed)
    if arguments.json is not None:
        write_text(arguments.json, speed.to_json())
    return 0


def _measure(client: Client, photos: Sequence[Path], collection: str, repository: Path) -> Speed:
    os.environ["SEAMLINE_MILVUS_URI"] = open_index(os.environ.get("SEAMLINE_MILVUS_URI")).uri
    local = InProcess(repository)
    served: list[float] = []
    alone: list[float] = []
    statistics = triton.InferenceServerClient(client.address)
    before = counts(statistics)
    for number, photo in enumerate(photos):
        if number == _WARM_UP:
            before = counts(statistics)
        data = photo.read_bytes()
        served.append(_milliseconds(lambda data=data: client.search(data, collection=collection)))  # type: ignore[misc]
        alone.append(_milliseconds(lambda data=data: local.search(data, collection)))  # type: ignore[misc]
    spent = steps(before, counts(statistics), (*ensemble_steps(statistics, "search"), "search"))
    statistics.close()
    return Speed(len(photos) - _WARM_UP, tuple(served[_WARM_UP:]), tuple(alone[_WARM_UP:]), spent)


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def _show(speed: Speed) -> None:
    console = Console()
    table = Table("search", title=f"{speed.requests} requests, one at a time, ms")
    for title in ("p50", "p95", "mean"):
        table.add_column(title, justify="right")
    for name, times in (("through Triton", speed.served), ("the same steps in one process", speed.in_process)):
        table.add_row(name, *(f"{value:.1f}" for value in (*np.percentile(times, (50, 95)), np.mean(times))))
    table.add_row("ratio of medians", f"{speed.ratio():.2f}", "", "")
    console.print(table)
    shown = Table("step", title="mean of a request by Triton's own statistics, ms")
    for title in ("queue", "compute", "in all"):
        shown.add_column(title, justify="right")
    for step in speed.steps:
        shown.add_row(step.name, f"{step.queue:.2f}", f"{step.compute:.2f}", f"{step.total:.2f}")
    console.print(shown)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed", __doc__)
    add_photos(parser, "folder of photos to search for")
    parser.add_argument("--collection", default="catalogue", help="an indexed collection")
    parser.add_argument("--requests", type=int, default=100)
    add_model_repository(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
