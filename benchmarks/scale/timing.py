"""Calls measured one at a time and several at once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np


@dataclasses.dataclass(frozen=True)
class Latency:
    """Milliseconds of single calls."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """From the seconds of each call."""
        middle, late = np.percentile(np.array(seconds) * 1000, (50, 99))
        return cls(float(middle), float(late))


def seconds(action: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def rate(actions: Sequence[Callable[[], object]], callers: int) -> float:
    """Calls per second when so many callers call without a pause."""
    with ThreadPoolExecutor(callers) as pool:
        start = time.perf_counter()
        for _ in pool.map(lambda action: action(), actions):
            pass
        return len(actions) / (time.perf_counter() - start)
