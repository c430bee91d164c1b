"""A task whose steps are timed from outside, and the bare loop over the same tensors that it is compared with."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from seamline.training.batches import batches
from seamline.training.precision import autocast
from seamline.training.settings import Precision
from seamline.training.task import Batch


class Clock(NamedTuple):
    """Seconds on the wall, and of all cores in this process: what other processes do to the machine is not in these."""

    wall: float
    cpu: float

    def since(self, start: Clock, steps: int) -> Clock:
        """Seconds per step."""
        return Clock((self.wall - start.wall) / steps, (self.cpu - start.cpu) / steps)


def now() -> Clock:
    """Both clocks."""
    return Clock(time.perf_counter(), time.process_time())


class TimedTask:
    """Another task that neither evaluates nor writes; notes when each step's loss begins."""

    def __init__(self, task: Any) -> None:
        self._task = task
        self.network: nn.Module = task.network
        self.begun: list[Clock] = []

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The other task's."""
        groups: Mapping[str, Sequence[nn.Parameter]] = self._task.parameter_groups()
        return groups

    def batch(self, step: int) -> Batch:
        """The other task's."""
        made: Batch = self._task.batch(step)
        return made

    def loss(self, batch: Batch) -> Mapping[str, Tensor]:
        """The other task's; a GPU is waited for, so that its work is on the clock."""
        wait(next(self.network.parameters()).device)
        self.begun.append(now())
        losses: Mapping[str, Tensor] = self._task.loss(batch)
        return losses

    def evaluate(self) -> Mapping[str, float]:
        """Nothing is evaluated."""
        return {}

    def state(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Nothing."""

    def finish(self, out: Path) -> None:
        """Nothing is written."""


def bare_steps(
    task: Any, made: Sequence[Batch], optimiser: torch.optim.Optimizer, precision: Precision, skipped: int
) -> Clock:
    """Seconds per step of the shortest loop that trains, over batches already on the device, after `skipped` steps."""
    device = next(task.network.parameters()).device
    task.network.train()
    start = now()
    for number, batch in enumerate(made):
        if number == skipped:
            wait(device)
            start = now()
        optimiser.zero_grad(set_to_none=True)
        with autocast(precision, device):
            loss = task.loss(batch)["loss"]
        loss.backward()
        optimiser.step()
    wait(device)
    return now().since(start, len(made) - skipped)


def prepared(task: Any, steps: int, device: torch.device) -> list[Batch]:
    """The batches of the first steps, on the device."""
    return [batch.to(device) for batch in batches(task.batch, 0, steps)]


def wait(device: torch.device) -> None:
    """Until a GPU has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
