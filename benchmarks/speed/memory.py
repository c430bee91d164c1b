"""The memory of a local server."""

from __future__ import annotations

from pathlib import Path

from seamline.local.process import supervised_processes


def proportional_set(home: Path) -> int:
    """Bytes that Triton's processes and the gateway of this state folder hold; pages that several share count once."""
    return sum(share_of(pid) for name in ("triton", "gateway") for pid in supervised_processes(home, name))


def share_of(pid: int) -> int:
    """Bytes of one process; a page that n processes share counts as an n-th. Raises OSError, StopIteration."""
    lines = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
