"""How a training runs: optimiser, schedule, and how often it is evaluated and saved. Needs no PyTorch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Literal

Optimiser = Literal["adam", "adamw"]
Shape = Literal["constant", "cosine", "milestones"]
Precision = Literal["fp32", "bf16", "auto"]
Mode = Literal["min", "max"]

_MILESTONES = "milestones must be rising shares of the steps, between 0 and 1"
_FREE = ("evaluate_every", "checkpoint_every", "log_every", "device", "workers", "prefetch")


@dataclasses.dataclass(frozen=True)
class GroupSettings:
    """What one group of parameters does differently; None: as the whole training.

    `until`: share of the steps after which the group keeps its weights, such as PS-Net's landmark branch, which
    stops after 12 of 80 epochs.
    """

    rate: float | None = None
    milestones: tuple[float, ...] | None = None
    until: float = 1.0

    def __post_init__(self) -> None:
        refuse(self.rate is not None and self.rate < 0, "rate must not be negative")
        refuse(not _are_shares(self.milestones or ()), _MILESTONES)
        refuse(not 0 <= self.until <= 1, "until must be a share of the steps, between 0 and 1")


@dataclasses.dataclass(frozen=True)
class LoopSettings:
    """Numbers of a training.

    `rate`: highest learning rate. `schedule`: "constant"; "cosine" down to `last_rate` of it; "milestones", times
    `decay` at each of `milestones` (shares of the steps). `warm_up`: steps of a linear start. `clip`: largest norm
    of the gradient, 0 for any. `ema`: decay of the exponential moving average of weights, 0 for none;
    evaluation and result use the average. `evaluate_every`: 0 evaluates at the end only. `monitor`: the result is from
    the evaluation where this figure is highest or lowest (`mode`); "" takes the last step's. `precision` "auto":
    bfloat16 on a GPU that has it, on a CPU whichever is faster. `device`: "auto" takes a GPU if there is one.
    `workers`: processes that make batches, each with `prefetch` of them in store; 0 makes them in this process.
    `groups`: exceptions for groups of parameters, by name.
    """

    steps: int = 1000
    optimiser: Optimiser = "adam"
    rate: float = 1e-3
    weight_decay: float = 1e-4
    schedule: Shape = "milestones"
    milestones: tuple[float, ...] = ()
    decay: float = 0.1
    last_rate: float = 0.01
    warm_up: int = 0
    clip: float = 0.0
    ema: float = 0.0
    precision: Precision = "auto"
    device: str = "auto"
    monitor: str = ""
    mode: Mode = "max"
    evaluate_every: int = 0
    checkpoint_every: int = 200
    log_every: int = 20
    workers: int = 0
    prefetch: int = 2
    groups: Mapping[str, GroupSettings] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("steps", "checkpoint_every", "log_every", "prefetch"):
            refuse(getattr(self, name) < 1, f"{name} must be at least 1")
        for name in ("rate", "weight_decay", "decay", "last_rate", "warm_up", "clip", "evaluate_every", "workers"):
            refuse(getattr(self, name) < 0, f"{name} must not be negative")
        refuse(not 0 <= self.ema < 1, "ema must be at least 0 and below 1")
        refuse(not _are_shares(self.milestones), _MILESTONES)

    def rate_at(self, step: int, group: str = "") -> float:
        """Learning rate of a group's parameters in a step; 0 when they are to be kept as they are."""
        own = self.groups.get(group, GroupSettings())
        share = step / self.steps
        if share >= own.until:
            return 0.0
        peak = self.rate if own.rate is None else own.rate
        start = min(1.0, (step + 1) / self.warm_up) if self.warm_up else 1.0
        return peak * start * self._share_of_rate(share, self.milestones if own.milestones is None else own.milestones)

    def _share_of_rate(self, share: float, milestones: tuple[float, ...]) -> float:
        if self.schedule == "cosine":
            return self.last_rate + (1 - self.last_rate) * (1 + math.cos(math.pi * share)) / 2
        if self.schedule == "milestones":
            return self.decay ** sum(share >= milestone for milestone in milestones)
        return 1.0

    def hyperparameters(self) -> dict[str, object]:
        """The numbers that decide which weights come out, as plain values."""
        free = _FREE if not self.monitor else tuple(name for name in _FREE if name != "evaluate_every")
        return {name: value for name, value in dataclasses.asdict(self).items() if name not in free}


def _are_shares(values: tuple[float, ...]) -> bool:
    return list(values) == sorted(set(values)) and all(0 < value <= 1 for value in values)


def refuse(wrong: bool, why: str) -> None:
    """Raises ValueError with the reason where a value is wrong."""
    if wrong:
        raise ValueError(why)
