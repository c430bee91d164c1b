"""The distributions of similarity as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from benchmarks.photographer.vectors import Floats

matplotlib.use("Agg")
from matplotlib import pyplot

_REAL, _SIMULATED, _OTHERS = "#d55e00", "#0072b2", "#7f7f7f"
"""Okabe and Ito's vermilion and blue, which everybody can tell apart, and grey."""

_DRAWS = 2000


def draw(file: Path, real: Floats, simulated: Floats, others: Floats) -> None:
    """Share of pairs up to each similarity; around the real pairs where 95 % of resampled sets of them lie."""
    picture, axes = pyplot.subplots(figsize=(8, 4.6), layout="constrained")
    places = np.linspace(-0.25, 1.0, 251)
    low, high = _band(real, places)
    axes.fill_between(places, low, high, color=_REAL, alpha=0.15, lw=0, label="  95 % interval (resampled)")
    axes.step(*_steps(real), where="post", color=_REAL, lw=2.2, label=f"{len(real)} pairs of real photos")
    axes.plot(real, np.full(len(real), 0.015), "|", color=_REAL, ms=11, mew=1.6)
    axes.step(*_steps(simulated), where="post", color=_SIMULATED, lw=2.2, ls="--",
              label=f"{len(simulated)} photos and simulated second photos")  # fmt: skip
    axes.step(*_steps(others), where="post", color=_OTHERS, lw=1.6, ls=":", label="different garments of one category")
    axes.set(xlabel="cosine of untrained vectors (EfficientNet-Lite0, last map, 3 x 3)", ylabel="share of pairs",
             title="How alike are two photos of one garment?", xlim=(-0.25, 1.0), ylim=(0, 1.01))  # fmt: skip
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9, loc="upper left")
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(file, dpi=110)
    pyplot.close(picture)


def _steps(values: Floats) -> tuple[Floats, Floats]:
    ordered = np.concatenate([[-0.25], np.sort(values), [1.0]]).astype(np.float32)
    shares = np.arange(len(values) + 1, dtype=np.float32) / len(values)
    return ordered, np.append(shares, np.float32(1.0))


def _band(values: Floats, places: Floats) -> tuple[Floats, Floats]:
    random = np.random.default_rng(0)
    drawn = np.sort(random.choice(values, (_DRAWS, len(values))), axis=1)
    shares = np.stack([(drawn <= place).mean(axis=1) for place in places])
    low, high = np.percentile(shares, [2.5, 97.5], axis=1)
    return np.asarray(low, np.float32), np.asarray(high, np.float32)
