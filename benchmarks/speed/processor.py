"""Processor time of a server's processes: what its work costs, also on a machine that has other work to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seamline.local.process import marked


def triton_processes(home: Path) -> list[int]:
    """The embedded server's Triton and its steps."""
    return marked(home, "triton")


def spent(processes: Iterable[int]) -> float:
    """Milliseconds that all threads of these processes have run since they started, by the kernel's own clock."""
    total = 0
    for process in processes:
        for thread in Path("/proc", str(process), "task").glob("*/schedstat"):
            total += int(thread.read_text().split()[0])
    return total / 1e6
