"""What Triton itself counts: how long requests waited and were computed in each step."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import tritonclient.grpc as triton

Counts = Mapping[str, tuple[int, int, int, int]]
"""Step -> requests, and nanoseconds spent waiting, computing, in all, since the server's start."""


@dataclasses.dataclass(frozen=True)
class Step:
    """Mean milliseconds of one request in a step: waiting, computing, and all of it."""

    name: str
    queue: float
    compute: float
    total: float


def counts(client: triton.InferenceServerClient) -> Counts:
    """The counters of every model just now."""
    return {
        model.name: (
            model.inference_stats.success.count,
            model.inference_stats.queue.ns,
            model.inference_stats.compute_infer.ns,
            model.inference_stats.success.ns,
        )
        for model in client.get_inference_statistics().model_stats
    }


def ensemble_steps(client: triton.InferenceServerClient, ensemble: str) -> list[str]:
    """The models that an ensemble calls, in its order."""
    return [step.model_name for step in client.get_model_config(ensemble).config.ensemble_scheduling.step]


def steps(before: Counts, after: Counts, names: Iterable[str]) -> tuple[Step, ...]:
    """What each of the named models did between two readings."""
    rows = []
    for name in names:
        count, *spent = (new - old for new, old in zip(after[name], before.get(name, (0, 0, 0, 0)), strict=True))
        queue, compute, total = (nanoseconds / max(count, 1) / 1e6 for nanoseconds in spent)
        rows.append(Step(name, queue, compute, total))
    return tuple(rows)
