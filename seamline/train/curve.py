"""The course of a training as a picture."""

from __future__ import annotations

import json
from pathlib import Path


def plot_curve(rows: Path, picture: Path) -> bool:
    """Draw losses and distance of a curve.jsonl into a PNG; False where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    table = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    steps = [row["step"] for row in table]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name in ("place", "presence", "foreground"):
        left.plot(steps, [row[name] for row in table], label=name)
    left.set(xlabel="step", ylabel="loss", yscale="log")
    left.legend()
    right.plot(steps, [100 * row["distance"] for row in table])
    right.set(xlabel="step", ylabel="mean distance, % of the box's diagonal", ylim=0)
    figure.savefig(picture, dpi=120)
    return True
