"""One measurement: how long the answers took, and what they cost."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

_TICK = 1000 / os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Sample:
    """Requests that were answered one after the other or side by side.

    `latencies` are milliseconds, `seconds` the time from the first question to the last answer; `server_cpu` and
    `client_cpu` milliseconds of CPU time per request, of the processes that answer and of the client.
    """

    latencies: tuple[float, ...]
    seconds: float
    server_cpu: float = 0.0
    client_cpu: float = 0.0

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, rank: float) -> float:
        """Milliseconds within which `rank` percent of the answers came."""
        return float(np.percentile(self.latencies, rank))


def cpu_time(processes: Iterable[int]) -> float:
    """Milliseconds that these processes have run since they started, with all threads that they ever had."""
    return sum(_ticks(process) for process in processes) * _TICK


def _ticks(process: int) -> int:
    fields = Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
