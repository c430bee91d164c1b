"""The forms of one network, in turns, so that all of them meet the same machine."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.speed.networks.forms import Form
from benchmarks.speed.networks.inputs import Rows, batch
from seamline.serving.step import Array

_WARM_UP = 2


@dataclasses.dataclass(frozen=True)
class Figures:
    """One form of one network.

    `medians`: batch -> milliseconds of one run; `load` milliseconds, `size` bytes of the file. `cosine`: output -> the
    smallest cosine between a row of this form's answer and the served form's, `largest` the largest difference.
    """

    network: str
    form: str
    size: int
    load: float
    medians: Mapping[int, float]
    cosine: Mapping[str, float]
    largest: Mapping[str, float]


def compare(network: str, forms: Sequence[Form], rows: Rows, batches: Sequence[int], repeats: int) -> list[Figures]:
    """Figures of all forms, the first of which is the one that the others are held against."""
    medians = [dict[int, float]() for _ in forms]
    for size in batches:
        runs = [runner(form, batch(rows, size)) for form in forms]
        for found, median in zip(medians, in_turns(runs, max(3, repeats // size), time.process_time), strict=True):
            found[size] = median
    answers = [answer(form, rows) for form in forms]
    return [
        Figures(network, form.name, form.size, form.load, found, *differences(answers[0], own))
        for form, found, own in zip(forms, medians, answers, strict=True)
    ]


def in_turns(
    runs: Sequence[Callable[[], object]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median milliseconds of each, by a clock in seconds."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats + _WARM_UP):
        for spent, run in zip(times, runs, strict=True):
            start = clock()
            run()
            spent.append((clock() - start) * 1000)
    return [float(np.median(spent[_WARM_UP:])) for spent in times]


def runner(form: Form, feed: Mapping[str, Array]) -> Callable[[], object]:
    """One run of a form on one batch."""
    return lambda: form.session.run(None, feed)


def answer(form: Form, rows: Rows) -> dict[str, Array]:
    """A form's outputs for all rows."""
    names = [output.name for output in form.session.get_outputs()]
    return dict(zip(names, form.session.run(names, dict(rows)), strict=True))


def differences(wanted: Mapping[str, Array], found: Mapping[str, Array]) -> tuple[dict[str, float], dict[str, float]]:
    """Per output, the smallest cosine between rows and the largest difference; vectors of zeros are passed over."""
    cosines, largest = {}, {}
    for name, a in wanted.items():
        width = a.shape[-1] if name == "EMBEDDING" else a[0].size
        x, y = (array.reshape(-1, width).astype(np.float64) for array in (a, found[name]))
        lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
        cosines[name] = float(((x * y).sum(1)[lengths > 0] / lengths[lengths > 0]).min())
        largest[name] = float(np.abs(x - y).max())
    return cosines, largest
