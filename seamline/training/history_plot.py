"""The history of a training as a picture; needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Line = tuple[Sequence[float], Sequence[float]]
"""Steps and values."""


def plot_history(rows: Sequence[Mapping[str, Any]], picture: Path) -> bool:
    """Draw the losses and the evaluations' figures of a history.jsonl into a PNG; False where matplotlib is not
    installed."""
    return _draw(_lines(rows, "losses"), _lines(rows, "figures"), picture)


def _lines(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Line]:
    chosen = [row for row in rows if kind in row]
    names = dict.fromkeys(name for row in chosen for name in row[kind])
    return {name: _line([(row["step"], row[kind][name]) for row in chosen if name in row[kind]]) for name in names}


def _line(points: Sequence[tuple[float, float]]) -> Line:
    return [step for step, _ in points], [value for _, value in points]


def _draw(losses: Mapping[str, Line], figures: Mapping[str, Line], picture: Path) -> bool:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, lines, title in ((left, losses, "loss"), (right, figures, "figure")):
        for name, (steps, values) in lines.items():
            axes.plot(steps, values, label=name, marker="." if len(steps) < 30 else "")
        axes.set(xlabel="step", ylabel=title)
        if lines:
            axes.legend()
    positive = [value > 0 for _, values in losses.values() for value in values]
    left.set_yscale("log" if positive and all(positive) else "linear")
    right.set_ylim(bottom=0)
    figure.savefig(picture, dpi=120)
    return True
