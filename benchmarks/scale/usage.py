"""What a server takes of the machine: time, CPU time and memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.support.milvus_standalone import MilvusStandalone


class Usage:
    """A stop-watch for a server's work. CPU seconds stay true on a machine that others use, seconds do not."""

    def __init__(self, server: MilvusStandalone) -> None:
        self._server = server
        self._last = time.monotonic(), _cpu_seconds(server)

    def lap(self) -> dict[str, float]:
        """Seconds, CPU seconds since the last lap, and bytes in memory now."""
        now = time.monotonic(), _cpu_seconds(self._server)
        seconds, cpu = (new - old for new, old in zip(now, self._last, strict=True))
        self._last = now
        return {"seconds": seconds, "cpu_seconds": cpu, "memory": float(self._server.memory())}

    def peak(self) -> int:
        """The most bytes that the server has held since it started."""
        lines = Path("/proc", str(self._server.pid), "status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _cpu_seconds(server: MilvusStandalone) -> float:
    fields = Path("/proc", str(server.pid), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
