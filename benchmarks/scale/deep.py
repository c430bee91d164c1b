"""Searches for as many hits as a request may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.scale.engines import Step
from benchmarks.scale.exact import Queries
from benchmarks.scale.plans import Plan
from benchmarks.scale.report import markdown
from benchmarks.scale.timing import Latency, seconds

MOST = 200
"""Hits of a garment, as `docs/wire.md` bounds TOP_K."""


@dataclass(frozen=True)
class Deep:
    """Milliseconds of one plan; `first`: of the first request, which the others do not count."""

    size: int
    plan: str
    first: float
    p50: float
    p99: float
    slowest: float


def deep(step: Step, size: int, plan: Plan, queries: Queries) -> Deep:
    """One request at a time."""
    pairs = zip(queries.vectors, queries.category, strict=True)
    times = [seconds(lambda q=query, c=int(category): step.search(plan, q, c)) for query, category in pairs]  # type: ignore[misc]
    latency = Latency.of(times[1:])
    return Deep(size, plan.name, 1000 * times[0], latency.p50, latency.p99, 1000 * max(times[1:]))


def deep_table(rows: Sequence[Deep]) -> str:
    """As Markdown."""
    lines = [
        [row.plan, f"{row.size:,}", *(f"{value:.0f}" for value in (row.p50, row.p99, row.slowest, row.first))]
        for row in rows
    ]
    return markdown((f"search, TOP_K {MOST}", "garments", "p50, ms", "p99, ms", "slowest, ms", "first, ms"), lines)
