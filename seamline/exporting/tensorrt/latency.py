"""How long a network takes, from arrays in this process's memory to arrays in this process's memory."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from seamline.exporting.networks import Array
from seamline.systems.base import ExportedNetwork, Run

BATCHES = (1, 2, 4, 8, 16)
_WARM_UP = 5


@dataclasses.dataclass(frozen=True)
class Timing:
    """Median milliseconds of one call at one batch."""

    what: str
    batch: int
    milliseconds: float

    @property
    def per_second(self) -> float:
        """Rows a second."""
        return 1000 * self.batch / self.milliseconds


def timed(
    what: str, run: Run, part: ExportedNetwork, photos: Sequence[Path], batches: Sequence[int], calls: int = 50
) -> list[Timing]:
    """The same inputs, called again and again; copies to a GPU and back are part of it."""
    return [Timing(what, batch, _median(run, part.samples(batch, photos), calls)) for batch in batches]


def _median(run: Run, inputs: Mapping[str, Array], calls: int) -> float:
    for _ in range(min(_WARM_UP, calls)):
        run(inputs)
    taken = []
    for _ in range(calls):
        started = time.perf_counter()
        run(inputs)
        taken.append(time.perf_counter() - started)
    return 1000 * statistics.median(taken)


def table(timings: Sequence[Timing]) -> str:
    """One row a batch, one column a way of running it; the last column is how much faster the first one is."""
    names = list(dict.fromkeys(timing.what for timing in timings))
    found = {(timing.what, timing.batch): timing for timing in timings}
    lines = ["  ".join(["batch", *(f"{name} ms" for name in names), *(["times"] if len(names) > 1 else [])])]
    for batch in dict.fromkeys(timing.batch for timing in timings):
        row = [found[name, batch].milliseconds for name in names]
        cells = [f"{value:.2f}".rjust(len(name) + 3) for name, value in zip(names, row, strict=True)]
        ratio = [f"{row[-1] / row[0]:5.1f}"] if len(names) > 1 else []
        lines.append("  ".join([f"{batch:5d}", *cells, *ratio]))
    return "\n".join(lines)
