"""Figures and how they are shown: terminal tables, JSON and Markdown."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from rich.console import Group
from rich.table import Table
from rich.text import Text

from seamline.core.metrics import bootstrap_interval, grouped_bootstrap_interval


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured value; `low`, `high`: its 95 % bootstrap interval; `count`: how many cases it rests on.

    A section is shown as a table of its own, with one row per name and one column per metric.
    """

    section: str
    name: str
    metric: str
    value: float
    count: int
    low: float | None = None
    high: float | None = None

    @classmethod
    def mean_of(cls, section: str, name: str, metric: str, values: ArrayLike, seed: int = 0) -> Figure:
        """The mean of per-case values with its bootstrap interval; cases that are NaN are left out."""
        cases = np.asarray(values, np.float64).reshape(-1)
        cases = cases[~np.isnan(cases)]
        low, high = bootstrap_interval(cases, seed=seed)
        return cls(section, name, metric, float(cases.mean()) if len(cases) else math.nan, len(cases), low, high)

    @classmethod
    def grouped_mean(
        cls, section: str, name: str, metric: str, values: ArrayLike, groups: ArrayLike, seed: int = 0
    ) -> Figure:
        """The mean of cases that hang together in groups (queries, photos), with the interval over whole groups."""
        cases = np.asarray(values, np.float64).reshape(-1)
        low, high = grouped_bootstrap_interval(groups, lambda rows: float(cases[rows].mean()), seed=seed)
        return cls(section, name, metric, float(cases.mean()) if len(cases) else math.nan, len(cases), low, high)


@dataclasses.dataclass(frozen=True)
class Section:
    """The figures of one section, by row and column."""

    title: str
    figures: tuple[Figure, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """Names in the order in which they were measured."""
        return tuple(dict.fromkeys(figure.name for figure in self.figures))

    @property
    def columns(self) -> tuple[str, ...]:
        """Metrics in the order in which they were measured."""
        return tuple(dict.fromkeys(figure.metric for figure in self.figures))

    def cells(self, name: str) -> list[str]:
        """One row as text: the metrics, and the largest number of cases."""
        mine = {figure.metric: figure for figure in self.figures if figure.name == name}
        shown = [_cell(mine[metric]) if metric in mine else "" for metric in self.columns]
        return [*shown, str(max(figure.count for figure in mine.values()))]


@dataclasses.dataclass(frozen=True)
class Report:
    """All figures of a run and what they were measured with."""

    figures: tuple[Figure, ...]
    setting: dict[str, object]

    @property
    def sections(self) -> list[Section]:
        """The figures by section."""
        titles = dict.fromkeys(figure.section for figure in self.figures)
        return [Section(title, tuple(one for one in self.figures if one.section == title)) for title in titles]

    def to_json(self) -> str:
        """The report for programs; NaN becomes null."""
        return json.dumps(self.to_data(), indent=2, allow_nan=False) + "\n"

    def to_data(self) -> dict[str, object]:
        """The report as plain lists and dictionaries."""
        rows = [{key: _plain(value) for key, value in dataclasses.asdict(figure).items()} for figure in self.figures]
        return {"setting": self.setting, "figures": rows}

    def to_markdown(self) -> str:
        """The report as Markdown tables."""
        lines = []
        for section in self.sections:
            heads = [section.title, *section.columns, "cases"]
            lines += [_row(heads), "|" + "---|" * len(heads)]
            lines += [_row([name, *section.cells(name)]) for name in section.rows]
            lines.append("")
        lines += [f"- {key}: {value}" for key, value in self.setting.items()]
        return "\n".join(lines) + "\n"

    def to_table(self) -> Group:
        """The report for a terminal."""
        remarks = [Text(f"{key}: {value}", style="dim") for key, value in self.setting.items()]
        return Group(*(_table(section) for section in self.sections), *remarks)


def joined(reports: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    """Figures of several sections in their order."""
    return tuple(figure for report in reports for figure in report)


def _table(section: Section) -> Table:
    from rich import box

    table = Table(section.title, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in (*section.columns, "cases"):
        table.add_column(title, justify="right")
    for name in section.rows:
        table.add_row(name, *section.cells(name))
    return table


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(figure: Figure) -> str:
    if not math.isfinite(figure.value):
        return "-"
    if figure.low is None or figure.high is None or not math.isfinite(figure.low):
        return _number(figure.value)
    return f"{_number(figure.value)} ({_number(figure.low)} to {_number(figure.high)})"


def _number(value: float) -> str:
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0.") else text
