"""Many photos with several requests in flight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from seamline.client.results import Embedded
from seamline.errors import DeadlineExceeded, SeamlineError, Unavailable


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one photo: `embedded`, or the `error` that concerns this photo alone."""

    path: Path
    embedded: Embedded | None
    error: SeamlineError | None


def in_completion_order(embed: Callable[[Path], Embedded], paths: Iterable[Path], in_flight: int) -> Iterator[Outcome]:
    """Call `embed` for every path, `in_flight` at a time, and yield each outcome as soon as it is there.

    `paths` is read only as far as needed. An error of one photo is yielded; Unavailable is raised, because
    the photos after it would meet the same. When the caller stops early, calls under way are left to end by
    themselves.
    """
    rest = iter(paths)
    pool = ThreadPoolExecutor(in_flight, thread_name_prefix="seamline-embed")
    try:
        pending = {pool.submit(_outcome, embed, path) for path in islice(rest, in_flight)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(_outcome, embed, path) for path in islice(rest, len(done))}
            yield from _results(done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome(embed: Callable[[Path], Embedded], path: Path) -> Outcome:
    try:
        return Outcome(path, embed(path), None)
    except SeamlineError as error:
        if isinstance(error, Unavailable) and not isinstance(error, DeadlineExceeded):
            raise
        return Outcome(path, None, error)


def _results(done: set[Future[Outcome]]) -> Iterator[Outcome]:
    """Outcomes first: what was embedded must reach the caller before a failure ends the iteration."""
    for future in sorted(done, key=lambda future: future.exception() is not None):
        yield future.result()
