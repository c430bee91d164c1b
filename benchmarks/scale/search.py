"""Searches of all plans in catalogues of several sizes, interleaved, so that all of them meet the same machine."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.scale.engines import Engine
from benchmarks.scale.exact import Queries
from benchmarks.scale.plans import TOP, Plan
from benchmarks.scale.real import Floats
from benchmarks.scale.timing import Latency, rate, seconds

_CALLERS = 4
_ROUNDING = 1e-4
"""Scores that differ by less come from the order of additions."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """One plan on one engine. `recall`: share of the exact best TOP that were found; `per_second`: with 4 callers."""

    engine: str
    size: int
    plan: str
    p50: float
    p99: float
    per_second: float
    recall: float


def measure(engines: Mapping[tuple[str, int], Engine], ground_truths: Mapping[int, Floats], queries: Queries,
            plans: Sequence[Plan], report: Callable[[str], None]) -> list[Measured]:  # fmt: skip
    """Every plan on every engine; `ground_truths`: size -> exact scores (plans, Q, TOP)."""
    rows = []
    for number, plan in enumerate(plans):
        times, found = _interleaved(engines, plan, queries)
        for (name, size), engine in engines.items():
            recall = float(np.mean([
                found_share(hits, exact)
                for hits, exact in zip(found[name, size], ground_truths[size][number], strict=True)
            ]))  # fmt: skip
            latency = Latency.of(times[name, size])
            speed = rate(_calls(engine, plan, queries), _CALLERS)
            rows.append(Measured(name, size, plan.name, latency.p50, latency.p99, speed, recall))
            report(f"{plan.name}, {name}, {size:,} garments: p50 {latency.p50:.1f} ms, recall {recall:.4f}")
    return rows


def found_share(hits: Floats, exact: Floats) -> float:
    """Share of the best TOP that are among the hits; garments of one score stand for each other."""
    wanted = exact[np.isfinite(exact)]
    if not len(wanted):
        return 1.0
    return float(min((hits >= wanted[-1] - _ROUNDING).sum(), len(wanted)) / len(wanted))


def _interleaved(
    engines: Mapping[tuple[str, int], Engine], plan: Plan, queries: Queries
) -> tuple[dict[tuple[str, int], list[float]], dict[tuple[str, int], list[Floats]]]:
    times: dict[tuple[str, int], list[float]] = {key: [] for key in engines}
    found: dict[tuple[str, int], list[Floats]] = {key: [] for key in engines}
    for engine in engines.values():
        engine.search(plan, queries.vectors[0], queries.category[0])
    for query, category in zip(queries.vectors, queries.category, strict=True):
        for key, engine in engines.items():
            call = functools.partial(engine.search, plan, query, int(category))
            times[key].append(seconds(lambda call=call, key=key: found[key].append(call())))  # type: ignore[misc]
    return times, found


def _calls(engine: Engine, plan: Plan, queries: Queries) -> Sequence[Callable[[], object]]:
    pairs = itertools.islice(zip(queries.vectors, queries.category, strict=True), 60)
    return [functools.partial(engine.search, plan, query, int(category)) for query, category in pairs]


__all__ = ["TOP", "Measured", "found_share", "measure"]
