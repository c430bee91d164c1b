"""What the training loop needs to know about a task."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn


@dataclasses.dataclass(frozen=True)
class Batch:
    """Base of the tasks' batches: a frozen dataclass whose fields are tensors, or anything that stays on the CPU."""

    def to(self, device: torch.device) -> Self:
        """The batch with its tensors on a device."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        tensors = {name: value for name, value in fields.items() if isinstance(value, Tensor)}
        return dataclasses.replace(self, **{name: _moved(value, device) for name, value in tensors.items()})


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    return tensor if device.type == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


B = TypeVar("B", bound=Batch)


class Task(Protocol[B]):
    """A network and how it learns.

    `batch` may run in another process and must depend on nothing but the step (and the seed that the task was made
    with); `loss` may use the global generators, which the loop sets for each step. A resumed training is then the
    same as one that was never stopped.
    """

    @property
    def network(self) -> nn.Module:
        """All that is trained; the loop moves it to its device and saves its weights."""
        ...

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The parameters to train, in named groups."""
        ...

    def batch(self, step: int) -> B:
        """What a step learns from, on the CPU."""
        ...

    def loss(self, batch: B) -> Mapping[str, Tensor]:
        """Scalars; the gradient of `loss` is followed, the others are noted."""
        ...

    def evaluate(self) -> Mapping[str, float]:
        """Figures of the network as it is, which is in evaluation mode; must leave the task unchanged."""
        ...

    def state(self) -> dict[str, Any]:
        """What changes during training besides the network's weights, as plain values and tensors."""
        ...

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        ...

    def finish(self, out: Path) -> None:
        """Write the result of a training that has come to its end."""
        ...
