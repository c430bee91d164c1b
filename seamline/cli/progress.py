"""How far a long command is, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seamline.cli.output import console, info, printable

_LINE_EVERY = 10.0

Report = Callable[[int, int | None, str], None]
"""Takes the number that is done, that of all where it is known, and both in words."""


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """What to call with the number that is done and the number of all."""
    with reported(time_left=True) as report:
        yield lambda done, total: report(done, total, f"{done:,} of {total:,} {what}")


@contextmanager
def reported(*, time_left: bool = False) -> Iterator[Report]:
    """What to call for each step; `time_left` adds an estimate to the bar."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        BarColumn(),
        TextColumn("{task.fields[state]}", markup=False),
        *([TimeRemainingColumn()] if time_left else []),
    ]
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None, state="")
        yield lambda done, total, words: bar.update(task, total=total, completed=done, state=printable(words))


def _lines() -> Report:
    due = time.monotonic() + _LINE_EVERY

    def report(done: int, total: int | None, words: str) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _LINE_EVERY
            info(printable(words))

    return report
