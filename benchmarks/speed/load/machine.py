"""The machine that was measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path

_PACKAGES = ("onnxruntime", "numpy", "pillow", "nvidia-pytriton", "tritonclient", "grpcio", "milvus-lite", "pymilvus",
             "fastapi", "uvicorn", "pydantic")  # fmt: skip
_IDLE = 0.25
"""Load per core up to which a machine counts as having nothing else to do."""


def describe(analyzer: str) -> dict[str, object]:
    """CPU, memory, kernel, versions and load, before anything is started."""
    return {
        "CPU": _cpu(),
        "cores": os.cpu_count(),
        "memory in GB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "perf_analyzer": analyzer,
        **{package: _version(package) for package in _PACKAGES},
        "load average at the start": [round(value, 2) for value in os.getloadavg()],
    }


def busy(load: float, cores: int) -> str | None:
    """A warning when the machine had other work to do: `load` is its load average of the last minute."""
    if load <= _IDLE * cores:
        return None
    return (
        f"The machine was busy at the start (load {load:.2f} on {cores} cores): trust the ratios, not the milliseconds."
    )


def ticks() -> tuple[int, int]:
    """Ticks of all cores since the machine started: taken by other virtual machines, and in all."""
    read = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return read[7], sum(read)


def stolen(before: tuple[int, int], after: tuple[int, int]) -> str | None:
    """A warning when other virtual machines took CPU time between two readings of `ticks`."""
    share = (after[0] - before[0]) / max(after[1] - before[1], 1)
    return f"Other virtual machines took {share:.0%} of the CPU time." if share >= 0.01 else None


def _cpu() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
