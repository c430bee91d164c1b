"""What is computed once, in several processes, and read again.

Files of a cache folder, each named after everything that it depends on: `found-*.npz` and `crops-*.bin` of detections,
`embeddings-*.npz`, the copies' folders `copies-LEVEL-*`, the segmentations `silhouettes/` and `masks/`, what baselines
compute, and `last/SYSTEM.json`, the last figures of each system. Each file appears complete, so that evaluations may
share a folder while they run; what two of them lack at once both compute.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from seamline.core.output_files import output_file

Arrays = Mapping[str, NDArray[np.generic]]

Job = TypeVar("Job")
Result = TypeVar("Result")

_CHUNK = 8


def key_of(*parts: object) -> str:
    """A short name for what these parts say; equal parts give equal names."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:16]


def stored(folder: Path, name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays of `folder/name.npz`, made first where there is no such file."""
    file = folder / f"{name}.npz"
    if not file.is_file():
        arrays = make()
        folder.mkdir(parents=True, exist_ok=True)
        with output_file(file) as out:
            np.savez(out, **dict(arrays))
    with np.load(file) as arrays:
        return {key: arrays[key] for key in arrays.files}


def mapped(
    what: str,
    open_worker: Callable[..., Callable[[Job], Result]],
    given: tuple[object, ...],
    jobs: Sequence[Job],
    processes: int,
) -> Iterator[Result]:
    """Results in the order of the jobs. `open_worker(*given)` makes what does a job, once in each process; with one
    process all happens here.

    Processes are started afresh: forking would copy the locks of other libraries' threads.
    """
    if not jobs:
        return
    if processes <= 1:
        yield from tracked(what, map(open_worker(*given), jobs), len(jobs))
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_open, initargs=(open_worker, given)) as pool:
        yield from tracked(what, pool.map(_do, jobs, chunksize=_CHUNK), len(jobs))


_work: Callable[[Any], Any]


def _open(open_worker: Callable[..., Callable[[Any], Any]], given: tuple[object, ...]) -> None:
    global _work  # one per process
    _work = open_worker(*given)


def _do(job: Any) -> Any:
    return _work(job)


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
