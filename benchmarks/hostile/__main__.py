"""`python -m benchmarks.hostile PHOTOS`: attack a local server of its own, and say what it withstood.

PHOTOS is a folder of photos; without one, a drawn garment stands for all. The exit code is 1 when anything was not
withstood. Figures are those of this machine: what is compared is always a client with itself.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_json, add_model_repository, parser_of
from benchmarks.hostile import crowding, growth, images, kills, leases, orders, tensors
from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target
from benchmarks.own_server import own_server
from seamline.catalogue import photos_below
from seamline.core.output_files import write_text
from seamline.local import LocalServer
from seamline.local.canary import picture


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    with tempfile.TemporaryDirectory(prefix="seamline-hostile-") as folder:
        paths = _photos(arguments, Path(folder))
        options = own_server(Path(folder) / "home", arguments.model_repository, arguments.ensembles)
        with LocalServer(options) as server:
            target = Target(server, [path.read_bytes() for path in paths[:32]])
            target.fill()
            outcomes = [_withstood(target, name, attack) for name, attack in _attacks(target, paths, arguments)]
    _show(outcomes)
    if arguments.json is not None:
        told = [
            {"name": each.name, "codes": each.codes, "figures": each.figures, "failures": each.failures}
            for each in outcomes
        ]
        write_text(arguments.json, json.dumps(told, indent=2) + "\n")
    return int(any(outcome.failures for outcome in outcomes))


def _attacks(
    target: Target, paths: list[Path], arguments: argparse.Namespace
) -> list[tuple[str, Callable[[], Outcome]]]:
    seed, seconds = arguments.seed, arguments.seconds
    every: dict[str, Callable[[], Outcome]] = {
        "orders": lambda: orders.attack(target),
        "leases": lambda: leases.attack(target),
        "growth": lambda: growth.attack(target, arguments.requests, 2 * seconds, seed),
        "dear": lambda: crowding.dear(target, seconds),
        "large": lambda: crowding.large(target, seconds),
        "many": lambda: crowding.many(target, seconds),
        "flood": lambda: crowding.flood(target, seconds),
        "images": lambda: images.attack(target, arguments.images, seed),
        "tensors": lambda: tensors.attack(target, arguments.tensors, seed),
        "kills": lambda: kills.attack(target, paths),
    }
    return [(name, attack) for name, attack in every.items() if not arguments.only or name in arguments.only]


def _withstood(target: Target, name: str, attack: Callable[[], Outcome]) -> Outcome:
    """The outcome, with what has become of the server's processes."""
    pids = {(process.name, process.pid) for process in target.processes()}
    start = time.monotonic()
    try:
        outcome = attack()
    except Exception as error:  # the next attacks are told of all the same
        outcome = Outcome(name, failures=[f"{type(error).__name__}: {error}"])
    outcome.figures["seconds"] = round(time.monotonic() - start, 1)
    if name != "kills":
        gone = {one for one, _ in pids - {(process.name, process.pid) for process in target.processes()}}
        if gone:
            outcome.fail(f"ended: {', '.join(sorted(gone))}")
    print(f"{outcome.name}: {len(outcome.failures)} failures", file=sys.stderr, flush=True)
    return outcome


def _photos(arguments: argparse.Namespace, folder: Path) -> list[Path]:
    if arguments.photos is not None:
        photos = sorted(photos_below(arguments.photos))
        return random.Random(arguments.seed).sample(photos, min(120, len(photos)))
    drawn = folder / "drawn.png"
    drawn.write_bytes(picture())
    return [drawn]


def _show(outcomes: Sequence[Outcome]) -> None:
    console = Console()
    table = Table(
        "attack", "answers", "figures", "not withstood", title="attacks on a server of its own", show_lines=True
    )
    for outcome in outcomes:
        codes = "\n".join(f"{count:,} {code}" for code, count in outcome.codes.most_common())
        figures = "\n".join(f"{name} {value:g}" for name, value in outcome.figures.items())
        table.add_row(outcome.name, codes, figures, "\n".join(outcome.failures[:12]) or "-")
    console.print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.hostile", __doc__)
    parser.add_argument("photos", type=Path, nargs="?", help="folder of photos")
    parser.add_argument("--images", type=int, default=10_000, help="files that are nearly photos")
    parser.add_argument("--tensors", type=int, default=10_000, help="requests of random tensors")
    parser.add_argument("--requests", type=int, default=3000, help="over which memory is measured")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each crowd of senders")
    parser.add_argument("--only", nargs="+", metavar="ATTACK", help="some of orders, leases, growth, dear, large, ...")
    parser.add_argument("--seed", type=int, default=0)
    add_model_repository(parser)
    add_ensembles(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
