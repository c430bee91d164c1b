"""Many like jobs in several processes, with a progress bar on standard error."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Job = TypeVar("Job")
Result = TypeVar("Result")

_CHUNK = 8


def mapped(
    what: str,
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    processes: int,
    start: Callable[..., None],
    given: tuple[object, ...],
) -> Iterator[Result]:
    """Results in the order of the jobs. `start(*given)` prepares each process; with one process all happens here.

    Processes are started afresh: forking would copy the locks of other libraries' threads.
    """
    if not jobs:
        return
    if processes <= 1:
        start(*given)
        yield from tracked(what, map(function, jobs), len(jobs))
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=start, initargs=given) as pool:
        yield from tracked(what, pool.map(function, jobs, chunksize=_CHUNK), len(jobs))


def tracked(what: str, results: Iterable[Result], total: int) -> Iterator[Result]:
    """The results, counted as they come."""
    columns = (
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total, rate="")
        for result in results:
            progress.update(task, advance=1, rate=f"{progress.tasks[0].speed or 0.0:.1f} a second")
            yield result
