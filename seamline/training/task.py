"""What the training loop needs to know about a task."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import torch
from torch import Tensor, nn


@dataclasses.dataclass(frozen=True)
class Batch:
    """Base of the tasks' batches: a frozen dataclass whose fields are tensors, or anything that stays on the CPU."""

    def to(self, device: torch.device) -> Self:
        """The batch with its tensors on a device."""
        moved = {name: _moved(value, device) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return dataclasses.replace(self, **moved)


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    return tensor if device.type == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


B = TypeVar("B", bound=Batch)


class Task(abc.ABC, Generic[B]):
    """A network and how it learns.

    `network`: all that is trained; the loop moves it to its device and saves its weights.

    `batch` may run in another process and must depend on nothing but the step, the seed that the task was made with,
    and what `begin_epoch` has made; `loss` may use the global generators, which the loop sets for each step. A resumed
    training is then the same as one that was never stopped.
    """

    network: nn.Module

    @abc.abstractmethod
    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The parameters to train, in named groups."""

    @abc.abstractmethod
    def batch(self, step: int) -> B:
        """What a step learns from, on the CPU."""

    @abc.abstractmethod
    def loss(self, batch: B) -> Mapping[str, Tensor]:
        """Scalars; the gradient of `loss` is followed, the others are logged."""

    @abc.abstractmethod
    def evaluate(self) -> Mapping[str, float]:
        """Figures of the network as it is, which is in evaluation mode; must leave the task unchanged."""

    @abc.abstractmethod
    def finish(self, out: Path) -> None:
        """Write the result of a training that has come to its end."""

    @property
    def epoch_steps(self) -> int:
        """Steps of an epoch, which follow from the data and the size of a batch; 0: nothing is made per epoch."""
        return 0

    def begin_epoch(self, epoch: int) -> None:
        """Make what an epoch's batches and losses need, such as a class tree from the network as it is now.

        Called before the first step of each epoch, counted from 0, with the network in evaluation mode and without
        gradients. What it makes must be part of `state`: in the middle of an epoch a resumed training gets it from
        there, and at its edge this is called as it would have been.
        """

    def state(self) -> dict[str, Any]:
        """What changes during training besides the network's weights, as plain values and tensors."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` gave."""
