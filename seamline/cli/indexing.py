"""The progress of an indexing run: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seamline.cli.screen import console, remark

if TYPE_CHECKING:
    from seamline.catalogue import Progress

_LINE_EVERY = 10.0


@contextmanager
def watched() -> Iterator[Callable[[Progress], None]]:
    """What `index_items` is to call after every photo."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    remaining = TimeRemainingColumn(elapsed_when_finished=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"), remaining, TextColumn("left"))
    with Bar(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("photos", total=None, pace="")

        def report(progress: Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.done, pace=pace(progress))

        yield report


def _lines() -> Callable[[Progress], None]:
    due = time.monotonic() + _LINE_EVERY

    def report(progress: Progress) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _LINE_EVERY
            done = f"{progress.done:,} of {progress.total:,} photos"
            remark(f"{done}, {pace(progress)}, {time_left(progress)} left")

    return report


def pace(progress: Progress) -> str:
    """Photos a second, without those that were skipped, and the failures so far."""
    rate = f"{_rate(progress):.1f}/s"
    return f"{rate}, {len(progress.failures)} failed" if progress.failures else rate


def time_left(progress: Progress) -> str:
    """An estimate such as `4:05`, `?` before the first photo."""
    rate = _rate(progress)
    if rate <= 0:
        return "?"
    minutes, seconds = divmod(round((progress.total - progress.done) / rate), 60)
    return f"{minutes}:{seconds:02d}"


def _rate(progress: Progress) -> float:
    worked = progress.done - progress.skipped
    return worked / progress.seconds if progress.seconds > 0 else 0.0
