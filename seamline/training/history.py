"""The history of a training on disk: history.jsonl, history.png where matplotlib is installed, and event files for
TensorBoard.

A row of history.jsonl is either {"step", "losses", "rates"}, means since the row before, or {"step", "figures"}, what
an evaluation found. A training that goes on from a checkpoint drops the rows that it is about to write again. Losses
since the last row stay on the device until they are wanted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor

from seamline.training.errors import NotFinite

ROWS, PICTURE, EVENTS = "history.jsonl", "history.png", "tensorboard"


class History:
    """Writes the history of a training that has done `step` steps already."""

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / ROWS
        self._picture = folder / PICTURE
        rows = [row for row in read_rows(self._path) if row["step"] <= step]
        self._path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        self._figures: dict[int, Mapping[str, float]] = {
            row["step"]: row["figures"] for row in rows if "figures" in row
        }
        self._rows = self._path.open("a", encoding="utf-8")
        self._events = _Events(folder / EVENTS, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()
        self._events.close()
        plot_history(read_rows(self._path), self._picture)

    @property
    def figures(self) -> Mapping[int, Mapping[str, float]]:
        """What the evaluations found, by the number of steps before them."""
        return self._figures

    def log_losses(self, step: int, losses: Mapping[str, float], rates: Mapping[str, float], speed: float) -> None:
        """Mean losses, learning rates and steps per second; only the event files know the last."""
        self._write({"step": step, "losses": dict(losses), "rates": dict(rates)})
        self._events.add("loss", losses, step)
        self._events.add("rate", rates, step)
        self._events.add("speed", {"steps per second": speed}, step)

    def log_figures(self, step: int, figures: Mapping[str, float]) -> None:
        """What an evaluation found."""
        self._figures[step] = dict(figures)
        self._write({"step": step, "figures": dict(figures)})
        self._events.add("figure", figures, step)
        plot_history(read_rows(self._path), self._picture)

    def _write(self, row: dict[str, Any]) -> None:
        self._rows.write(json.dumps(row) + "\n")
        self._rows.flush()


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a history.jsonl; a last one that was cut short is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


class _Events:
    """Event files for TensorBoard, none where it is not installed; what earlier files say about later steps than `step`
    is hidden."""

    def __init__(self, folder: Path, step: int) -> None:
        self._writer = _writer(folder, step)

    def add(self, chart: str, values: Mapping[str, float], step: int) -> None:
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(f"{chart}/{name}", value, step)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)


def plot_history(rows: Sequence[Mapping[str, Any]], picture: Path) -> None:
    """Draw the losses and the evaluations' figures of a history.jsonl into a PNG, where matplotlib is installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses = _lines(rows, "losses")
    for axes, lines, title in ((left, losses, "loss"), (right, _lines(rows, "figures"), "figure")):
        for name, points in lines.items():
            axes.plot(*zip(*points, strict=True), label=name, marker="." if len(points) < 30 else "")
        axes.set(xlabel="step", ylabel=title)
        if lines:
            axes.legend()
    positive = [value > 0 for points in losses.values() for _, value in points]
    left.set_yscale("log" if positive and all(positive) else "linear")
    right.set_ylim(bottom=0)
    figure.savefig(picture, dpi=120)


def _lines(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, list[tuple[int, float]]]:
    """Name -> steps and values."""
    chosen = [row for row in rows if kind in row]
    names = dict.fromkeys(name for row in chosen for name in row[kind])
    return {name: [(row["step"], row[kind][name]) for row in chosen if name in row[kind]] for name in names}


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
