"""The figures as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from benchmarks.speed.load.report import hand_over
from benchmarks.speed.load.results import ALONE, ANALYZED, BASELINES, LOWER_BOUND, Results

matplotlib.use("Agg")
from matplotlib import pyplot

_TRITON, _LOWER_BOUND, _BASELINE, _TUNED = "#1f5fa8", "#4d4d4d", "#c8553d", "#e0a458"
_PARTS = (("computing", "#1f5fa8"), ("handing over", "#8fb8de"), ("waiting", "#d9d9d9"))


def write(results: Results, folder: Path) -> list[Path]:
    """All pictures; the files written."""
    return [
        _saved(_latency(results), folder / "latency.png"),
        _saved(_throughput(results), folder / "throughput.png"),
        _saved(_steps(results), folder / "steps.png"),
    ]


def _latency(results: Results) -> Any:
    """Percentiles of the ensembles over concurrency."""
    picture, panels = _panels(results, "ms until the answer")
    for model, axes in zip(results.models(), panels, strict=True):
        levels = results.levels(model, ANALYZED)
        for rank, style in ((50, "-"), (95, "--"), (99, ":")):
            times = [results.percentile(model, ANALYZED, level, rank) for level in levels]
            axes.plot(levels, times, style, marker="o", ms=4, color=_TRITON, label=f"Triton, p{rank}")
        alone = results.percentile(model, ALONE, 1, 50)
        axes.axhline(alone, color=_LOWER_BOUND, lw=1, label="one process, p50, alone")
        slowest = max(results.percentile(model, ANALYZED, level, 99) for level in levels)
        axes.set(yscale="log", ylim=(alone / 1.6, slowest * 1.3))
        _concurrency(axes, levels)
        _numbers(axes)
        axes.legend(fontsize=8)
    return picture


def _throughput(results: Results) -> Any:
    """Answers a second of the ensembles, of their baselines, and of the lower bound as a line across."""
    picture, panels = _panels(results, "photos a second")
    for model, axes in zip(results.models(), panels, strict=True):
        for backend in results.backends(model):
            levels = results.levels(model, backend)
            rates = [results.throughput(model, backend, level) for level in levels]
            if not backend.startswith(LOWER_BOUND):
                axes.plot(levels, rates, **_line(backend), marker="o", ms=4, label=backend)
        bound, workers = results.fastest(model, LOWER_BOUND)
        axes.axhline(results.throughput(model, bound, workers), color=_LOWER_BOUND, lw=1, label=bound)
        axes.set(ylim=(0, None))
        _concurrency(axes, results.levels(model, ANALYZED))
        axes.legend(fontsize=8, loc="lower right")
    return picture


def _line(backend: str) -> dict[str, Any]:
    if backend.startswith(ANALYZED):
        return {"color": _TRITON, "ls": "-" if backend == ANALYZED else "--"}
    color = _TUNED if backend.startswith(BASELINES[1]) else _BASELINE
    return {"color": color, "ls": "--" if "1 worker" in backend else "-"}


def _steps(results: Results) -> Any:
    """Where a request spends its time, step by step: alone, and where most are answered."""
    shown = [
        (model, level)
        for model in results.models()
        for level in dict.fromkeys((min(results.levels(model, ANALYZED)), results.best(model, ANALYZED)))
    ]
    picture, panels = pyplot.subplots(
        len(shown), 1, figsize=(9, 0.9 + 2.1 * len(shown)), layout="constrained", squeeze=False
    )
    for (model, level), axes in zip(shown, panels[:, 0], strict=True):
        _bars(axes, results, model, level)
    panels[0, 0].legend(fontsize=8, loc="lower right")
    return picture


def _bars(axes: Any, results: Results, model: str, level: int) -> None:
    found = results.steps(model, level)[::-1]
    names, starts = [step.name for step in found], [0.0] * len(found)
    parts = [step.compute for step in found], [hand_over(step) for step in found], [step.queue for step in found]
    for (label, colour), times in zip(_PARTS, parts, strict=True):
        axes.barh(names, times, left=starts, color=colour, label=label)
        starts = [start + time for start, time in zip(starts, times, strict=True)]
    axes.set(title=f"{model}, {level} at a time", xlabel="mean ms of a request, by Triton's statistics")
    axes.tick_params(axis="y", labelsize=8)


def _panels(results: Results, label: str) -> tuple[Any, Sequence[Any]]:
    models = results.models()
    picture, panels = pyplot.subplots(
        1, len(models), figsize=(6 * len(models), 4.6), layout="constrained", squeeze=False
    )
    for model, axes in zip(models, panels[0], strict=True):
        axes.set(title=model, xlabel="requests at a time", ylabel=label)
        axes.grid(alpha=0.3)
    return picture, list(panels[0])


def _concurrency(axes: Any, levels: Sequence[int]) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.minorticks_off()


def _numbers(axes: Any) -> None:
    """Plain numbers on a logarithmic axis."""
    low, high = axes.get_ylim()
    ticks = [tick for power in range(6) for tick in (10**power, 2 * 10**power, 5 * 10**power) if low <= tick <= high]
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])


def _saved(picture: Any, file: Path) -> Path:
    picture.savefig(file, dpi=120)
    pyplot.close(picture)
    return file
