"""The processes of Triton's steps, looked at from outside.

Each instance of a python or ONNX model is a process of its own. One that dies stays a zombie for as long as
Triton lives and is never replaced; with several instances per model, or a model off the canary's way, an
inference may not meet it for a long time. The process table shows it at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from seamline.local.process import process_table
from seamline.local.triton_wheel import STUB

_INSTANCE = re.compile(r"(?P<model>.+)_\d+_\d+")
# Positions in the stub's command line.
_SHARED_MEMORY = 2
_NAME = 8


@dataclass(frozen=True)
class Stub:
    """One live step process: pid, model, and its file in /dev/shm."""

    pid: int
    model: str
    shared_memory: str


class StubWatch:
    """Remembers the stubs of one Triton process and notices which have died."""

    def __init__(self, triton: int) -> None:
        self._triton = triton
        self._known: dict[int, Stub] = {}
        self._suspects: set[int] = set()
        self._reported: set[int] = set()

    def dead_models(self) -> set[str]:
        """Models of which a stub has died since the last call that named it.

        A stub that Triton itself is ending is a zombie for a moment too, so a death counts when it is
        seen twice.
        """
        states = {pid: state for pid, (parent, state) in process_table().items() if parent == self._triton}
        for pid, state in states.items():
            if state != "Z" and pid not in self._known and (stub := read_stub(pid)):
                self._known[pid] = stub
        zombies = {pid for pid in self._known if states.get(pid) == "Z"} - self._reported
        dead = zombies & self._suspects
        self._suspects = zombies
        self._reported |= dead
        return {self._known[pid].model for pid in dead}

    def forget(self, models: Collection[str]) -> set[int]:
        """Forget the stubs of models that are being replaced; returns the pids of those that still live."""
        pids = {pid for pid, stub in self._known.items() if stub.model in models}
        self._reported |= pids
        states = process_table()
        return {pid for pid in pids if states.get(pid, (0, "Z"))[1] != "Z"}

    def knows(self, stub: Stub) -> bool:
        """Whether this very process, and not a later one with its pid, has been seen."""
        return self._known.get(stub.pid) == stub

    def live(self) -> list[Stub]:
        """The stubs that run now."""
        states = process_table()
        return [stub for pid, stub in self._known.items() if states.get(pid, (0, "Z"))[1] != "Z"]


def read_stub(pid: int) -> Stub | None:
    """What a process's command line says, None when it is not a stub that serves a model."""
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    if Path(words[0]).name != STUB or len(words) <= _NAME:
        return None
    instance = _INSTANCE.fullmatch(words[_NAME])
    return Stub(pid, instance["model"], words[_SHARED_MEMORY]) if instance else None
