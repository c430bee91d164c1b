"""The losses since the last row of the history, left on the device until they are wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from seamline.training.errors import NotFinite


class RecentLosses:
    """Collects each step's losses. Reading a GPU's number waits for it, so that is done for many steps at once."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._steps: list[int] = []
        self._values: list[Tensor] = []
        self._read = 0

    def add(self, step: int, losses: Mapping[str, Tensor]) -> None:
        """Take in the losses of a step."""
        self._names = tuple(losses)
        self._steps.append(step)
        self._values.append(torch.stack([loss.detach().float() for loss in losses.values()]))

    def check(self) -> None:
        """Raises NotFinite naming the first step whose loss is infinite or no number."""
        values = [value.cpu() for value in self._values[self._read :]]
        for step, row in zip(self._steps[self._read :], values, strict=True):
            for name, value in zip(self._names, row.tolist(), strict=True):
                if not math.isfinite(value):
                    raise NotFinite(
                        f"step {step}: the loss {name!r} is {value}; the last checkpoint is from before. A lower "
                        "rate, a longer warm_up, clip = 1.0 or precision = 'fp32' may help"
                    )
        self._values[self._read :] = values
        self._read = len(self._values)

    def means(self) -> dict[str, float]:
        """Mean of each loss; empty where nothing was taken in."""
        if not self._values:
            return {}
        means = torch.stack(self._values).double().mean(0).tolist()
        return dict(zip(self._names, means, strict=True))

    def clear(self) -> None:
        """Begin anew."""
        self._steps, self._values, self._read = [], [], 0

    def state(self) -> dict[str, Any]:
        """For a checkpoint, after `check`."""
        return {"names": self._names, "steps": self._steps, "values": self._values}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` gave."""
        self._names, self._steps = tuple(state["names"]), list(state["steps"])
        self._values = list(state["values"])
        self._read = len(self._values)
