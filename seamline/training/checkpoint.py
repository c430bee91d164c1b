"""The files of a training: the one from which it goes on, and the weights from the step whose evaluation was best."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from seamline.nn.checkpoint import load_state, save_state
from seamline.training.errors import BadCheckpoint, BadConfig
from seamline.training.settings import Mode

CHECKPOINT = "checkpoint.pt"
_FORMAT = 2
_OTHER_LOOPS = ("training.pt", "resume.pt")
"""Checkpoints of the commands that trained the shipped networks before `seamline train` did."""

_PARTS = ("format", "identity", "step", "network", "ema", "optimiser", "task", "recent", "precision")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """Everything that a training needs to go on as if it had never been stopped, after `step` steps.

    `identity`: the settings that decide what comes out, as plain values.
    """

    identity: Mapping[str, Any]
    step: int
    network: dict[str, Any]
    ema: dict[str, Any] | None
    optimiser: dict[str, Any]
    task: dict[str, Any]
    recent: dict[str, Any]
    precision: str

    def write(self, folder: Path) -> None:
        """Replace the folder's checkpoint, atomically."""
        save_state({"format": _FORMAT, **vars(self), "identity": _flat(self.identity)}, folder / CHECKPOINT)


def read_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Checkpoint | None:
    """The folder's checkpoint; None where there is none.

    Raises BadCheckpoint when it is damaged, or when it belongs to a training with another identity.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        _refuse_other_loops(folder)
        return None
    state = _read(path)
    now = _flat(identity)
    if different := list(_differences(state["identity"], now)):
        raise BadCheckpoint(
            f"{path} belongs to a training with other settings ({'; '.join(different)}); choose another folder or "
            "remove the file to begin again"
        )
    del state["format"]
    return Checkpoint(**state)


def _read(path: Path) -> dict[str, Any]:
    try:
        state = load_state(path)
        earlier = isinstance(state, dict) and state.get("format", _FORMAT) < _FORMAT
        damaged = not isinstance(state, dict) or (set(state) != set(_PARTS) and not earlier)
    except (RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError, pickle.UnpicklingError):
        earlier, damaged = False, True
    if earlier:
        raise BadCheckpoint(
            f"{path} was written by an earlier version, whose trainings cannot go on; finish it with that version, or "
            "remove the file to begin again (finished results are read as before)"
        )
    if damaged:
        raise BadCheckpoint(f"{path} is not a checkpoint of a training, or is damaged; remove it to begin again")
    return state


def _refuse_other_loops(folder: Path) -> None:
    for name in _OTHER_LOOPS:
        if (folder / name).exists():
            raise BadCheckpoint(
                f"{folder / name} belongs to a training of an earlier version, which cannot go on; choose another "
                "folder, or remove the file to begin again"
            )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with dotted names."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{prefix}{name}."))
        else:
            found[prefix + name] = value
    return found


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name} was {then.get(name)} and is {now.get(name)}"


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
