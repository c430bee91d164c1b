"""What loader and logging cost: the training loop against a bare loop over the same tensors, in turns.

    python -m benchmarks.training PHOTOS --labels FOLDER [--config FILE] [--set KEY=VALUE] [--workers 0 1]

Prints seconds per step of both and their ratio, which is to stay below 1.10 for some number of workers. On a machine
that does other work too, the process's own clock tells more than the wall's; it does not see waiting for workers.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.training.timed_task import Clock, TimedTask, bare_steps, prepared
from seamline.data.label_file import Label, read_labels, write_labels
from seamline.training.checkpoint import CHECKPOINT
from seamline.training.config import TrainConfig, read_config
from seamline.training.loop import Loop
from seamline.training.precision import choose_device
from seamline.training.sources import DEVELOP, TRAIN, Sources

CONFIG = Path(__file__).parents[2] / "configs" / "train" / "landmarks.toml"
SKIPPED = 2
"""Steps at the start that are not timed: workers begin, memory is taken."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds per step, one value a round."""

    workers: int
    bare: tuple[Clock, ...]
    ours: tuple[Clock, ...]

    def lines(self) -> str:
        """Two rows of the table: by the wall clock and by this process's."""
        return "\n".join(self._line(clock) for clock in ("wall", "cpu"))

    def _line(self, clock: str) -> str:
        bare, ours = (np.array([getattr(one, clock) for one in part]) for part in (self.bare, self.ours))
        ratios = np.sort(ours / bare)
        spread = f"({ratios[0]:.3f} to {ratios[-1]:.3f})"
        middle = f"{np.median(bare):8.3f} {np.median(ours):8.3f} {np.median(ours) / np.median(bare):7.3f}"
        return f"{self.workers:7} {clock:5} {middle}  {spread}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        config = read_config(options.config, options.set, {"photos": options.photos, "out": Path(folder)})
        if config.threads:
            torch.set_num_threads(config.threads)
        sources = _sources(options, Path(folder))
        print("workers clock     bare     ours   ratio  (lowest to highest round); medians, seconds per step")
        for workers in options.workers:
            print(measure(config, sources, workers, options.steps, options.rounds).lines(), flush=True)
        print(f"a checkpoint: {_checkpoint_seconds(config, sources):.2f} s")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description="What the loop costs.")
    parser.add_argument("photos", type=Path, help="folder of photos")
    parser.add_argument("--labels", type=Path, required=True, help="folder with labels.jsonl")
    parser.add_argument("--config", type=Path, default=CONFIG, help="what is trained: a file for `seamline train`")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override a key of it")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1], help="processes that make batches")
    parser.add_argument("--steps", type=int, default=10, help="timed steps of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--garments", type=int, default=64, help="how many of the labels to use")
    return parser


def _sources(options: argparse.Namespace, folder: Path) -> Sources:
    """Some of the labels as a label folder of its own."""
    found = list(read_labels(options.labels / TRAIN, 0.9))[: options.garments]
    chosen = [_absolute(label, options.labels) for label in found]
    for name in (TRAIN, DEVELOP):
        write_labels(folder / name, chosen)
    return Sources(options.photos, folder, folder / "work")


def _absolute(label: Label, folder: Path) -> Label:
    return dataclasses.replace(label, mask=label.mask and str((folder / label.mask).resolve()))


def measure(config: TrainConfig, sources: Sources, workers: int, steps: int, rounds: int) -> Cost:
    """Seconds per step of both loops, by turns."""
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(_bare(config, sources, steps + SKIPPED))
        ours.append(_ours(config, sources, steps + SKIPPED, workers))
    return Cost(workers, tuple(bare), tuple(ours))


def _bare(config: TrainConfig, sources: Sources, steps: int) -> Clock:
    task = _task(config, sources)
    device = choose_device(config.loop.device)
    task.network.to(device)
    parameters = [weight for group in task.parameter_groups().values() for weight in group]
    kind = torch.optim.AdamW if config.loop.optimiser == "adamw" else torch.optim.Adam
    optimiser = kind(parameters, config.loop.rate, weight_decay=config.loop.weight_decay)
    return bare_steps(task, prepared(task, steps, device), optimiser, _precision(config), SKIPPED)


def _ours(config: TrainConfig, sources: Sources, steps: int, workers: int) -> Clock:
    """The loop as `seamline train` runs it, without evaluations, checkpoints, running mean and
    clipping, which the bare loop lacks too."""
    timed = TimedTask(_task(config, sources))
    with tempfile.TemporaryDirectory() as out:
        _loop(config, timed, steps + 1, workers, Path(out)).run()
    return timed.begun[-1].since(timed.begun[SKIPPED], steps - SKIPPED)


def _checkpoint_seconds(config: TrainConfig, sources: Sources) -> float:
    with tempfile.TemporaryDirectory() as out:
        loop = _loop(config, TimedTask(_task(config, sources)), 2, 0, Path(out))
        loop.run()
        assert (Path(out) / CHECKPOINT).is_file()
        start = time.perf_counter()
        loop.save()
        return time.perf_counter() - start


def _loop(config: TrainConfig, task: TimedTask, steps: int, workers: int, out: Path) -> Loop[Any]:
    settings = dataclasses.replace(
        config.loop, steps=steps, workers=workers, checkpoint_every=steps + 1, evaluate_every=0, ema=0.0, clip=0.0,
        precision=_precision(config),
    )  # fmt: skip
    return Loop(task, settings, out, config.seed, {})


def _precision(config: TrainConfig) -> Any:
    return "fp32" if config.loop.precision == "auto" else config.loop.precision


def _task(config: TrainConfig, sources: Sources) -> Any:
    return config.kind.build(sources, config.options, config.seed)


if __name__ == "__main__":
    sys.exit(main())
