"""`python -m benchmarks.speed.settings PHOTOS`: `embed` with other threads, instances and queue delays of its networks.

Every setting is a variant of the repository in an embedded server of its own, and all servers are asked in turns: by
one client, and by several at once. Times are milliseconds, until the answer and of the server's processor; the first is
to be trusted on an idle machine only.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import text_format
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_model_repository, add_photos, parser_of
from benchmarks.speed import processor
from seamline.catalogue import photos_below
from seamline.client import Client
from seamline.local import LocalOptions, LocalServer
from seamline.local.repository import read_config

NETWORKS = ("detector", "encoder", "region_head")
_WARM_UP = 2

Change = Callable[[Any], None]
"""Changes the `ModelConfig` of one network."""


def threads(count: int) -> Change:
    """So many threads in every instance."""

    def change(config: Any) -> None:
        config.parameters["intra_op_thread_count"].string_value = str(count)

    return change


def instances(count: int) -> Change:
    """So many instances of every network."""

    def change(config: Any) -> None:
        config.instance_group[0].count = count

    return change


def delay(microseconds: int) -> Change:
    """Wait so long for a batch."""

    def change(config: Any) -> None:
        config.dynamic_batching.max_queue_delay_microseconds = microseconds

    return change


def unbatched(config: Any) -> None:
    """Compute every request by itself."""
    config.ClearField("dynamic_batching")


SETTINGS: Mapping[str, Change | None] = {
    "as served": None,
    "2 threads": threads(2),
    "1 instance": instances(1),
    "delay 0.5 ms": delay(500),
    "not batched": unbatched,
}


@dataclasses.dataclass
class Measured:
    """One setting's server and its figures, in milliseconds a photo."""

    name: str
    client: Client
    processes: Sequence[int]
    alone: list[float] = dataclasses.field(default_factory=list)
    together: list[float] = dataclasses.field(default_factory=list)
    running: list[float] = dataclasses.field(default_factory=list)
    running_together: list[float] = dataclasses.field(default_factory=list)

    def ask_alone(self, photo: bytes) -> None:
        """One photo by one client."""
        before, start = processor.spent(self.processes), time.perf_counter()
        self.client.embed(photo)
        self.alone.append((time.perf_counter() - start) * 1000)
        self.running.append(processor.spent(self.processes) - before)

    def ask_together(self, photos: Sequence[bytes], clients: int) -> None:
        """Photos by several clients at once."""
        before, start = processor.spent(self.processes), time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(self.client.embed, photos))
        self.together.append((time.perf_counter() - start) * 1000 / len(photos))
        self.running_together.append((processor.spent(self.processes) - before) / len(photos))


def write(repository: Path, folder: Path, name: str, change: Change | None) -> Path:
    """A copy of a model repository whose networks have the variant `name`."""
    copied = folder / "model_repository"
    shutil.copytree(repository, copied, ignore=shutil.ignore_patterns("__pycache__", "configs"))
    if change is None:
        return copied
    for network in NETWORKS:
        config = read_config(copied / network)
        change(config)
        (copied / network / "configs").mkdir()
        text = text_format.MessageToString(config)
        (copied / network / "configs" / f"{name}.pbtxt").write_text(text, encoding="utf-8")
    return copied


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos = list(photos_below(arguments.photos))
    chosen = random.Random(arguments.seed).sample(photos, arguments.requests + _WARM_UP)
    with contextlib.ExitStack() as stack:
        measured = [_started(stack, name, arguments) for name in arguments.settings]
        _measure(measured, [photo.read_bytes() for photo in chosen], arguments.clients)
    _show(measured, arguments.clients)
    return 0


def _started(stack: contextlib.ExitStack, name: str, arguments: argparse.Namespace) -> Measured:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    change, variant = SETTINGS[name], "".join(letter for letter in name if letter.isalnum())
    models = write(arguments.model_repository, folder, variant, change)
    ensembles = shutil.copytree(arguments.ensembles / "embed", folder / "ensembles" / "embed").parent
    options = LocalOptions(
        home=folder / "home", model_repository=models, ensembles=ensembles, variant=variant if change else "cpu",
        grpc_port=0, http_port=0, metrics_port=0, milvus_port=0, health_interval=600.0,
    )  # fmt: skip
    server = stack.enter_context(LocalServer(options))
    client = stack.enter_context(Client(server.endpoints.grpc, timeout=120.0, bulk=True))
    return Measured(name, client, processor.triton_processes(options.home))


def _measure(measured: Sequence[Measured], photos: Sequence[bytes], clients: int) -> None:
    for photo in photos:
        for server in measured:
            server.ask_alone(photo)
    for _ in range(_WARM_UP + 1):
        for server in measured:
            server.ask_together(photos[_WARM_UP:], clients)


def _show(measured: Sequence[Measured], clients: int) -> None:
    table = Table("embed", title="ms a photo")
    for title in ("one client", "its processor", f"{clients} clients", "its processor"):
        table.add_column(title, justify="right")
    for server in measured:
        kept = server.alone, server.running, server.together, server.running_together
        table.add_row(server.name, *(f"{np.median(times[_WARM_UP:]):.1f}" for times in kept))
    Console().print(table)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.settings", __doc__ or "")
    add_photos(parser)
    parser.add_argument("--settings", nargs="+", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--requests", type=int, default=20, help="photos of one client")
    parser.add_argument("--clients", type=int, default=4, help="clients at once")
    add_model_repository(parser)
    add_ensembles(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
