"""From measured cases to figures with intervals, and to tables, JSON and Markdown; the last ones of a system are kept.

Reading the last figure of a system imports neither networks nor what draws tables.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seamline.core.errors import Unavailable
from seamline.core.metrics import bootstrap_interval, grouped_bootstrap_interval
from seamline.core.output_files import write_text
from seamline.core.state_folder import home_folder

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


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


Statistic = Callable[[NDArray[np.int64]], float]
"""Of the cases with these indices."""


@dataclasses.dataclass(frozen=True)
class Cases:
    """The cases (m,) of one figure; those that are NaN do not count.

    `groups` (m,): which cases hang together, such as those of one query, and are drawn together for the interval; each
    stands for itself where it is None. `statistic`: the figure of some of the cases, where it is not their mean.
    """

    section: str
    name: str
    metric: str
    values: ArrayLike
    groups: ArrayLike | None = None
    statistic: Statistic | None = None

    def figure(self, seed: int = 0) -> Figure:
        """Mean or statistic of all cases with its 95 % bootstrap interval."""
        values = np.asarray(self.values, np.float64).reshape(-1)
        if self.groups is None:
            values = values[~np.isnan(values)]
            return self._figure(values, self._mean(values), bootstrap_interval(values, seed=seed))
        statistic = self.statistic or (lambda rows: float(values[rows].mean()))
        value = self.statistic(np.arange(len(values))) if self.statistic else self._mean(values)
        return self._figure(values, value, grouped_bootstrap_interval(self.groups, statistic, seed=seed))

    def _figure(self, values: NDArray[np.float64], value: float, interval: tuple[float, float]) -> Figure:
        return Figure(self.section, self.name, self.metric, value, len(values), *interval)

    def _mean(self, values: NDArray[np.float64]) -> float:
        return float(values.mean()) if len(values) else math.nan


Measured = Cases | Figure
"""Cases, or a figure without an interval."""


def figures(measured: Iterable[Measured], seed: int) -> tuple[Figure, ...]:
    """Every figure with its interval."""
    return tuple(one.figure(seed) if isinstance(one, Cases) else one for one in measured)


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
    setting: Mapping[str, object]

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
        rows = [
            {key: _to_jsonable(value) for key, value in dataclasses.asdict(figure).items()} for figure in self.figures
        ]
        return {"setting": dict(self.setting), "figures": rows}

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
        from rich.console import Group
        from rich.text import Text

        remarks = [Text(f"{key}: {value}", style="dim") for key, value in self.setting.items()]
        return Group(*(_table(section) for section in self.sections), *remarks)


def joined(reports: Mapping[str, Report]) -> Report:
    """One report of all systems; where there are several, rows and settings say whose they are."""
    if len(reports) == 1:
        return next(iter(reports.values()))
    rows = [
        dataclasses.replace(figure, name=f"{name}: {figure.name}")
        for name, report in reports.items()
        for figure in report.figures
    ]
    settings = [report.setting for report in reports.values()]
    shared = {key: value for key, value in settings[0].items() if all(one.get(key) == value for one in settings)}
    own = {
        f"{name}: {key}": value
        for name, report in reports.items()
        for key, value in report.setting.items()
        if key not in shared
    }
    return Report(tuple(rows), shared | own)


HEADLINE = "mAP"


def default_cache() -> Path:
    """Where evaluations keep what they compute unless they are told otherwise."""
    return home_folder("HOME to a folder for caches, or name one with --cache") / ".cache" / "seamline" / "quality"


def keep_last(system: str, report: Report, cache: Path) -> None:
    """Keep a system's figures as its last ones, in `last/SYSTEM.json` of the cache."""
    file = _last(system, cache)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, report.to_json())


def last_figure(system: str, cache: Path | None = None) -> Figure | None:
    """The mAP of the last evaluation's first table; None where the system was not evaluated, or nothing was ranked."""
    try:
        file = _last(system, default_cache() if cache is None else cache)
    except Unavailable:  # a user without a home folder, and so without a cache
        return None
    if not file.is_file():
        return None
    rows = json.loads(file.read_text(encoding="utf-8"))["figures"]
    first = next((row for row in rows if row["metric"] == HEADLINE and row["value"] is not None), None)
    return None if first is None else Figure(**first)


def _last(system: str, cache: Path) -> Path:
    return cache / "last" / f"{system}.json"


def _table(section: Section) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(section.title, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in (*section.columns, "cases"):
        table.add_column(title, justify="right")
    for name in section.rows:
        table.add_row(name, *section.cells(name))
    return table


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _to_jsonable(value: object) -> object:
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
