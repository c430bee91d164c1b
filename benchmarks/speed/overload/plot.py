"""Latency, answers and memory over the offered rate, as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.overload.figures import Overload

_P99_LIMIT = 3.0
_DARK, _LIGHT, _WARN = "#1f4e79", "#8fb4d6", "#c0504d"


def plot(found: Sequence[Overload], file: Path) -> None:
    """Write a PNG: a row of three pictures for every ensemble."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4 * len(found)), layout="constrained")
    for row, axes in zip(found, figure.subplots(len(found), 3, squeeze=False), strict=True):
        _latency(axes[0], row)
        _rates(axes[1], row)
        _memory(axes[2], row)
    figure.savefig(file, dpi=110)


def _latency(axes: Any, one: Overload) -> None:
    names = [entry.name for entry in one.phases]
    places = range(len(names))
    axes.bar([place - 0.2 for place in places], [entry.p50 for entry in one.phases], 0.4, color=_LIGHT, label="p50")
    axes.bar([place + 0.2 for place in places], [entry.p99 for entry in one.phases], 0.4, color=_DARK, label="p99")
    axes.axhline(_P99_LIMIT * one.alone.p99, color=_WARN, ls="--", label=f"{_P99_LIMIT:g} x p99 of lone requests")
    highest = max(_P99_LIMIT * one.alone.p99, *(entry.p99 for entry in one.phases))
    axes.set(title=f"{one.ensemble}: accepted requests", ylabel="milliseconds", ylim=(0, 1.4 * highest))
    axes.set_xticks(list(places), names)
    axes.legend(fontsize=8, loc="upper left")


def _rates(axes: Any, one: Overload) -> None:
    names = [entry.name for entry in one.phases]
    answered = [entry.answered for entry in one.phases]
    axes.bar(names, answered, color=_DARK)
    axes.axhline(one.sustained, color=_WARN, ls="--", label="sustained by several clients")
    for place, entry in enumerate(one.phases):
        axes.text(
            place,
            entry.answered,
            f"of {entry.offered:.0f}/s,\n{entry.refused:.0%} refused",
            ha="center",
            va="bottom",
            backgroundcolor="white",
            fontsize=8,
        )
    axes.set(title="answers a second", ylim=(0, 1.35 * max([one.sustained, *answered])))
    axes.legend(fontsize=8, loc="upper left")


def _memory(axes: Any, one: Overload) -> None:
    start = 0.0
    for entry in one.phases:
        times = [start + seen.at for seen in entry.memory]
        axes.plot(times, [seen.triton for seen in entry.memory], color=_DARK)
        axes.plot(times, [seen.milvus for seen in entry.memory], color=_LIGHT)
        axes.plot(times, [seen.shared for seen in entry.memory], color=_WARN)
        axes.axvline(start, color="grey", lw=0.6)
        axes.text(start, 0.98, f" {entry.name}", transform=axes.get_xaxis_transform(), va="top", fontsize=8)
        start = times[-1]
    for colour, name in ((_DARK, "Triton and its steps"), (_LIGHT, "Milvus Lite"), (_WARN, "of it /dev/shm")):
        axes.plot([], [], color=colour, label=name)
    axes.set(title="memory", xlabel="seconds under load", ylabel="MB", ylim=(0, None))
    axes.legend(fontsize=8, loc="center right")
