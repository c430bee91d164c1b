"""The table as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import recall_at_k, relevance_in_order, reliability, roc_auc, roc_curve
from seamline.evaluation.figures.evidence import Stated
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.report import Figure

matplotlib.use("Agg")
from matplotlib import pyplot

Floats = NDArray[np.float32]

_OURS, _OTHERS = "#1f5fa8", "#9aa7b5"
_DOTS = 110

CURVE = (1, 2, 3, 5, 10, 20, 50, 100)
"""Numbers of hits at which recall is drawn."""


def bars(file: Path, title: str, figures: Sequence[Figure], metric: str, mark: str = "") -> None:
    """One metric of each name as a bar with its interval; names that begin with `mark` stand out."""
    shown = [figure for figure in figures if figure.metric == metric and np.isfinite(figure.value)][::-1]
    picture, axes = pyplot.subplots(figsize=(9, 1.2 + 0.32 * len(shown)), layout="constrained")
    values = np.array([figure.value for figure in shown])
    error = np.array([_error(figure) for figure in shown]).reshape(-1, 2).T
    colours = [_OURS if figure.name.startswith(mark) else _OTHERS for figure in shown]
    axes.barh([figure.name for figure in shown], values, xerr=error, color=colours, error_kw={"lw": 1, "capsize": 2})
    for place, value in enumerate(values):
        axes.text(1.01, place, f"{value:.2f}", va="center", fontsize=8)
    axes.set(
        title=title,
        xlabel=f"{metric}, with its 95 % interval over queries",
        xlim=(0, 1.09),
        ylim=(-0.7, len(shown) - 0.3),
    )
    axes.set_xticks(np.linspace(0, 1, 6))
    _save(picture, file)


def _error(figure: Figure) -> tuple[float, float]:
    if figure.low is None or figure.high is None or not np.isfinite(figure.low):
        return 0.0, 0.0
    return max(0.0, figure.value - figure.low), max(0.0, figure.high - figure.value)


def recall_curves(file: Path, title: str, curves: Mapping[str, Floats]) -> None:
    """Share of the copies among the first k hits, by method."""
    picture, axes = pyplot.subplots(figsize=(11, 5.5), layout="constrained")
    for place, (name, recall) in enumerate(curves.items()):
        axes.plot(CURVE, recall, "-o", ms=3, lw=2.5 if place == 0 else 1.2, label=name)
    axes.set(title=title, xlabel="hits k", ylabel="share of the copies among the first k", xscale="log", ylim=(0, 1))
    axes.set_xticks(CURVE, [str(k) for k in CURVE])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    _save(picture, file)


def reliability_diagram(file: Path, title: str, groups: Mapping[str, Stated]) -> None:
    """Observed share of copies against the stated probability; a dot's size says how many hits it stands for."""
    picture, axes = pyplot.subplots(figsize=(5.5, 5.5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="black", lw=0.8, ls="--", label="as stated")
    for name, hits in groups.items():
        stated, observed, count = reliability(hits.probability, hits.copy)
        known = count > 0
        line = axes.plot(stated[known], observed[known], lw=1, label=name)[0]
        axes.scatter(
            stated[known], observed[known], _DOTS * np.sqrt(count[known] / count.max()), color=line.get_color()
        )
    axes.set(title=title, xlabel="stated copy probability", ylabel="share of copies", xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    _save(picture, file)


def roc(file: Path, title: str, scores: Mapping[str, tuple[Floats, NDArray[np.bool_]]]) -> None:
    """Redesigned regions that are recognised against kept ones that are taken for redesigned."""
    picture, axes = pyplot.subplots(figsize=(5.5, 5.5), layout="constrained")
    for name, (values, positive) in scores.items():
        axes.plot(*roc_curve(values, positive), lw=1.4, label=f"{name}: {roc_auc(values, positive):.2f}")
    axes.set(title=title, xlabel="kept regions called redesigned", ylabel="redesigned regions called so")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    _save(picture, file)


def _save(picture: Any, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(file, dpi=_DOTS)
    pyplot.close(picture)


def recall_curve(problem: QueryGallery, scores: Floats) -> Floats:
    """Mean share of the copies among the first k hits for each k of CURVE."""
    ordered = relevance_in_order(scores, problem.relevant)
    return np.array([np.nanmean(recall_at_k(ordered, k)) for k in CURVE], np.float32)
