"""`python -m benchmarks.speed.overload PHOTOS`: `embed` and `search` at 0.5, 1, 2 and 10 times the rate that they bear.

An embedded server of its own is asked: by one client at a time, by several to find the rate that it sustains, then at
multiples of that rate by requests that arrive at random moments and do not wait for each other, and at last by one
client beside a job that can wait. Times are milliseconds. The requests come from this process, on the processors of
the server.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_json, add_model_repository, add_photos, parser_of
from benchmarks.own_server import own_server
from benchmarks.random_collection import fill
from benchmarks.speed.overload.arrivals import Call, Caller, closed_loop, open_loop, paced
from benchmarks.speed.overload.figures import Overload, to_json
from benchmarks.speed.overload.memory import Watch
from benchmarks.speed.overload.phases import Phase, phase, recovery
from seamline.catalogue import photos_below
from seamline.client.tensors import BULK, infer_request, texts
from seamline.core.output_files import write_text
from seamline.local import LocalServer, status

MULTIPLES = (0.5, 1.0, 2.0, 10.0)
_COLLECTION, _ROWS = "overload", 1000
_WARM_UP = 5
_PAUSE = 1.0
_RECOVERY_CHECKS = 5
_JOB, _PAUSE_BESIDE = 16, 0.1
"""Requests in flight of the job, and seconds between two requests of the client beside it."""


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos = list(photos_below(arguments.photos))
    random.Random(arguments.seed).shuffle(photos)
    data = [photo.read_bytes() for photo in photos[: arguments.requests]]
    with tempfile.TemporaryDirectory() as folder:
        options = own_server(Path(folder) / "home", arguments.model_repository, arguments.ensembles_folder)
        with LocalServer(options) as server:
            if "search" in arguments.ensembles:
                fill(server.endpoints, _COLLECTION, _ROWS)
            found = [asyncio.run(_measure(ensemble, server, data, arguments)) for ensemble in arguments.ensembles]
    _show(found)
    if arguments.json is not None:
        write_text(arguments.json, to_json(found))
    if arguments.plot is not None:
        from benchmarks.speed.overload.plot import plot

        plot(found, arguments.plot)
    return 0


def _requests(ensemble: str, photos: Sequence[bytes], priority: int = 0) -> list[bytes]:
    options = {"COLLECTION": texts([_COLLECTION])} if ensemble == "search" else {}
    return [
        infer_request(ensemble, {"IMAGE": texts([photo])} | options, priority=priority).SerializeToString()
        for photo in photos
    ]


async def _measure(
    ensemble: str, server: LocalServer, photos: Sequence[bytes], arguments: argparse.Namespace
) -> Overload:
    caller = Caller(server.endpoints.grpc, _requests(ensemble, photos))
    job = Caller(server.endpoints.grpc, _requests(ensemble, photos, BULK))
    before = _restarts(server.options.home)
    try:
        await _sequential(caller, _WARM_UP)
        lone = await _sequential(caller, len(photos))
        alone = phase("one at a time", 1000 / float(np.mean([call.milliseconds for call in lone])), lone)
        together = await closed_loop(caller, arguments.clients, arguments.seconds)
        sustained = phase("sustained", 0.0, together).answered
        phases = [await _phase(caller, server, multiple, sustained, arguments) for multiple in arguments.multiples]
        recovered = await recovery(caller, alone.p99, _RECOVERY_CHECKS)
        beside, jobs = await asyncio.gather(
            paced(caller, arguments.seconds, _PAUSE_BESIDE), closed_loop(job, _JOB, arguments.seconds)
        )
    finally:
        await caller.close()
        await job.close()
    return Overload(
        ensemble, alone, sustained, tuple(phases), recovered, _restarts(server.options.home) - before,
        phase("beside a job", math.nan, beside), phase(f"the job, {_JOB}", math.nan, jobs),
    )  # fmt: skip


async def _sequential(caller: Caller, count: int) -> list[Call]:
    return [await caller.call(number, 0.0) for number in range(count)]


async def _phase(
    caller: Caller, server: LocalServer, multiple: float, sustained: float, arguments: argparse.Namespace
) -> Phase:
    await asyncio.sleep(_PAUSE)
    async with Watch(server.options.home) as watch:
        calls = await open_loop(caller, multiple * sustained, arguments.seconds, arguments.seed)
    return phase(f"{multiple:g} times", multiple * sustained, calls, watch.seen)


def _restarts(home: Path) -> int:
    told = status(home)
    return int(told["reloads"]) + sum(int(service["restarts"]) for service in told["services"].values())


_COLUMNS = ("offered /s", "answered /s", "p50", "p99", "p99 over alone", "refused", "refused in, p50", "p99", "MB more")


def _show(found: Sequence[Overload]) -> None:
    console = Console(width=140)
    for one in found:
        table = Table(one.ensemble, title=f"{one.ensemble}: {one.sustained:.1f} answers a second sustained; ms")
        for title in _COLUMNS:
            table.add_column(title, justify="right")
        for entry in (one.alone, *one.phases, one.beside, one.job):
            table.add_row(entry.name, *_cells(one, entry))
        console.print(table)
        failures = [pair for entry in one.phases for pair in entry.failures.items()]
        console.print(
            f"recovered {one.recovery:.2f} s after the last request; {one.restarts} restarts; "
            f"other failures: {failures or 'none'}"
        )


def _cells(one: Overload, entry: Phase) -> tuple[str, ...]:
    growth = f"{entry.memory_growth:+.0f}" if entry.memory else ""
    refusals = (f"{entry.refusal_p50:.1f}", f"{entry.refusal_p99:.1f}") if entry.refused else ("", "")
    return (
        f"{entry.offered:.1f}", f"{entry.answered:.1f}", f"{entry.p50:.0f}", f"{entry.p99:.0f}",
        f"{one.stretch(entry):.2f}", f"{entry.refused:.1%}", *refusals, growth,
    )  # fmt: skip


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.overload", __doc__)
    add_photos(parser)
    parser.add_argument("--ensembles", nargs="+", choices=("embed", "search"), default=["embed"])
    parser.add_argument("--multiples", type=float, nargs="+", default=list(MULTIPLES), help="of the sustained rate")
    parser.add_argument("--requests", type=int, default=100, help="different photos")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each phase lasts")
    parser.add_argument("--clients", type=int, default=4, help="clients that find the sustained rate")
    add_model_repository(parser)
    add_ensembles(parser, "--ensembles-folder")
    add_json(parser)
    parser.add_argument("--plot", type=Path, help="also draw them into this PNG file")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
