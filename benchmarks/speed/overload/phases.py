"""What a server does at one rate of arrivals, and how soon it is itself again."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.speed.overload.arrivals import Call, Caller
from benchmarks.speed.overload.memory import Memory

_TIMEOUT = 60.0


@dataclasses.dataclass(frozen=True)
class Phase:
    """Requests of one rate (a second): milliseconds of those accepted and of those refused, and what else came."""

    name: str
    offered: float
    answered: float
    """A second, from the first request to the last answer."""
    p50: float
    p99: float
    refused: float
    """The share of requests that met UNAVAILABLE."""
    refusal_p50: float
    refusal_p99: float
    failures: Mapping[str, int]
    """Every other end of a request, by code; none is wanted."""
    memory: tuple[Memory, ...] = ()

    @property
    def memory_growth(self) -> float:
        """Megabytes of the server's processes and of Milvus at the end of the phase over those at its begin."""
        first, last = self.memory[0], self.memory[-1]
        return (last.triton + last.milvus) - (first.triton + first.milvus)


def phase(name: str, offered: float, calls: Sequence[Call], memory: Sequence[Memory] = ()) -> Phase:
    """The figures of the calls of one phase."""
    accepted = [call.milliseconds for call in calls if call.accepted]
    refused = [call.milliseconds for call in calls if call.code == "UNAVAILABLE"]
    codes = Counter(call.code for call in calls)
    lasted = max(call.sent + call.milliseconds / 1000 for call in calls) - min(call.sent for call in calls)
    others = {code: count for code, count in codes.items() if code not in ("OK", "UNAVAILABLE")}
    return Phase(
        name, offered, len(accepted) / lasted, *_percentiles(accepted), len(refused) / len(calls),
        *_percentiles(refused), others, tuple(memory),
    )  # fmt: skip


def _percentiles(milliseconds: Sequence[float]) -> tuple[float, float]:
    if not milliseconds:
        return float("nan"), float("nan")
    p50, p99 = np.percentile(milliseconds, (50, 99))
    return float(p50), float(p99)


async def recovery(caller: Caller, usual: float, requests: int) -> float:
    """Seconds until lone requests are answered within `usual` milliseconds again, `requests` times without a miss."""
    begin = time.perf_counter()
    recovered, good = 0.0, 0
    while good < requests:
        before = time.perf_counter() - begin
        call = await caller.call(good, begin)
        if call.accepted and call.milliseconds <= usual:
            recovered, good = (before if not good else recovered), good + 1
        elif before > _TIMEOUT:
            return float("inf")
        else:
            good = 0
    return recovered
