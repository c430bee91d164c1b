"""What a local server's processes hold in memory."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from pathlib import Path

from seamline.local.folder import StateFolder
from seamline.local.process import shared_memory_files, supervised_processes

_SHARE = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_BETWEEN = 1.0


@dataclasses.dataclass(frozen=True)
class Memory:
    """Megabytes at a moment (seconds since the phase began).

    `triton`: the server and its steps' processes, pages that they share counted once. `milvus`: the same of Milvus
    Lite. `shared`: the server's files in /dev/shm, which are a part of `triton` as far as they are mapped.
    """

    at: float
    triton: float
    milvus: float
    shared: float


def memory(home: Path, begin: float = 0.0) -> Memory:
    """Just now, of the server in this state folder."""
    folder = StateFolder.at(home)
    files = shared_memory_files(folder.shared_memory_prefix)
    shared = sum(file.stat().st_blocks * 512 for file in files if file.exists()) / 2**20
    triton, milvus = (sum(map(_held, supervised_processes(folder.home, name))) for name in ("triton", "milvus"))
    return Memory(time.perf_counter() - begin, triton, milvus, shared)


def _held(process: int) -> float:
    try:
        found = _SHARE.search(Path("/proc", str(process), "smaps_rollup").read_text())
    except OSError:  # it has just ended
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


class Watch:
    """Looks at a server's memory once a second while a `async with` block runs."""

    def __init__(self, home: Path) -> None:
        self.seen: list[Memory] = []
        self._home = home

    async def __aenter__(self) -> Watch:
        self._begin = time.perf_counter()
        self._task = asyncio.ensure_future(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        self.seen.append(memory(self._home, self._begin))

    async def _look(self) -> None:
        while True:
            self.seen.append(memory(self._home, self._begin))
            await asyncio.sleep(_BETWEEN)
