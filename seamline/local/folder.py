"""The state folder: server.json, the lock, logs, the backend directory and Milvus' data."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALREADY_RUNNING = 3
"""Exit code of a supervisor that finds the folder locked by another."""


@dataclass(frozen=True)
class StateFolder:
    """Names of what lies in a state folder; nothing is created by naming it."""

    home: Path

    @classmethod
    def at(cls, home: Path) -> StateFolder:
        """The folder with links resolved, so that one folder has one name."""
        return cls(home.expanduser().resolve())

    @property
    def server_json(self) -> Path:
        return self.home / "server.json"

    @property
    def lock(self) -> Path:
        return self.home / "server.lock"

    @property
    def backends(self) -> Path:
        return self.home / "backends"

    @property
    def milvus(self) -> Path:
        return self.home / "milvus"

    def log(self, name: str) -> Path:
        """The log of "supervisor", "triton" or "milvus"."""
        return self.home / "logs" / f"{name}.log"

    @property
    def shared_memory_prefix(self) -> str:
        """How the names of this server's files in /dev/shm begin."""
        return f"triton_seamline_{self.digest}_"

    @property
    def digest(self) -> str:
        """Twelve characters that stand for the folder."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    def create(self) -> None:
        """Makes the folders; only their owner may read them, because an index may show protected designs."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home.chmod(0o700)
        for folder in (self.home / "logs", self.backends, self.milvus):
            folder.mkdir(exist_ok=True)

    def read_state(self) -> dict[str, Any]:
        """What server.json says, empty when there is none."""
        try:
            state = json.loads(self.server_json.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        """Replaces server.json in one step: a reader sees the old or the new one, never half."""
        new = self.server_json.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        new.replace(self.server_json)

    def remove_state(self) -> None:
        """Removes server.json and the lock's file."""
        self.server_json.unlink(missing_ok=True)
        self.lock.unlink(missing_ok=True)


def take_lock(path: Path) -> int | None:
    """Locks `path` for this process and its forks; None when another process holds it.

    The kernel gives the lock back when its holder dies, however it dies, so unlike a pid file it is never
    stale. The file may be removed by the holder that is just ending, hence the second look.
    """
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock; makes no file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
