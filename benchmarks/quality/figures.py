"""Figures and how they are shown: a terminal table, JSON and Markdown."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence

from numpy.typing import ArrayLike
from rich.table import Table

from seamline.metrics import bootstrap_interval


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured value; `low`, `high`: its 95 % bootstrap interval; `count`: how many cases it rests on."""

    section: str
    name: str
    value: float
    count: int
    low: float | None = None
    high: float | None = None

    @classmethod
    def mean_of(cls, section: str, name: str, values: ArrayLike, seed: int = 0) -> Figure:
        """The mean of per-case values with its bootstrap interval."""
        cases = [float(value) for value in list(values)]  # type: ignore[arg-type]
        low, high = bootstrap_interval(cases, seed=seed)
        return cls(section, name, sum(cases) / len(cases) if cases else math.nan, len(cases), low, high)


@dataclasses.dataclass(frozen=True)
class Report:
    """All figures of a run and what they were measured with."""

    figures: tuple[Figure, ...]
    setting: dict[str, object]

    def to_json(self) -> str:
        """The report for programs; NaN becomes null."""
        rows = [{key: _plain(value) for key, value in dataclasses.asdict(figure).items()} for figure in self.figures]
        return json.dumps({"setting": self.setting, "figures": rows}, indent=2) + "\n"

    def to_markdown(self) -> str:
        """The report as a Markdown table."""
        lines = ["| | figure | value | 95 % interval | cases |", "|---|---|---|---|---|"]
        for figure in self.figures:
            lines.append(
                f"| {figure.section} | {figure.name} | {_number(figure.value)} | {_interval(figure)} | {figure.count} |"
            )
        lines += ["", *(f"- {key}: {value}" for key, value in self.setting.items())]
        return "\n".join(lines) + "\n"

    def to_table(self) -> Table:
        """The report for a terminal."""
        table = Table("", "figure", title="Quality of the served networks")
        for title in ("value", "95 % interval", "cases"):
            table.add_column(title, justify="right")
        previous: str | None = None
        for figure in self.figures:
            if previous not in (None, figure.section):
                table.add_section()
            shown = "" if figure.section == previous else figure.section
            table.add_row(shown, figure.name, _number(figure.value), _interval(figure), str(figure.count))
            previous = figure.section
        return table


def joined(reports: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    """Figures of several sections in their order."""
    return tuple(figure for report in reports for figure in report)


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None or not math.isfinite(figure.low):
        return ""
    return f"{figure.low:.3f} to {figure.high:.3f}"
