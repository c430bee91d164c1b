"""The weights from the step whose evaluation was best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from seamline.nn.checkpoint import load_state, save_state
from seamline.training.checkpoint import CHECKPOINT
from seamline.training.errors import BadCheckpoint, BadConfig
from seamline.training.settings import Mode


class Best:
    """Keeps the best weights in best.pt in a training's folder. `monitor`: the figure that decides."""

    def __init__(self, folder: Path, monitor: str, mode: Mode) -> None:
        self._path = folder / "best.pt"
        self._monitor, self._sign = monitor, 1 if mode == "max" else -1

    def keep(self, network: nn.Module, step: int, figures: Mapping[int, Mapping[str, float]]) -> None:
        """Write the network's weights if this step's figure is the best of all, or the first of equal ones.

        Raises BadConfig when there is no such figure.
        """
        if self._monitor not in figures[step]:
            known = ", ".join(figures[step])
            raise BadConfig(f"loop.monitor: {self._monitor!r} is no figure of this task, whose figures are {known}")
        if max(sorted(figures), key=lambda other: self._value(figures[other])) == step:
            save_state({"step": step, "network": network.state_dict()}, self._path)

    def _value(self, figures: Mapping[str, float]) -> float:
        value = self._sign * figures.get(self._monitor, math.nan)
        return -math.inf if math.isnan(value) else value

    def load(self, network: nn.Module) -> int:
        """Give the network the best weights; returns the step that they are from. Raises BadCheckpoint without them."""
        if not self._path.is_file():
            raise BadCheckpoint(f"{self._path} is gone; remove {self._path.parent / CHECKPOINT} too, to begin again")
        best = load_state(self._path)
        network.load_state_dict(best["network"])
        return int(best["step"])
