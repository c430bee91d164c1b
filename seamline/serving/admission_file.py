"""What the processes of one server share of its admission control: a file in memory, for its owner alone.

It begins anew with every start of the server, so that nothing that was learnt or signed before outlives it.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import InternalError

MOST_SLOTS = 1024
MOST_STEPS = 64
_DIGEST, _KEY = 32, 32
_SIZE = _DIGEST + _KEY + 8 * (7 * MOST_SLOTS + MOST_STEPS + 2)


class AdmissionFile:
    """Columns of the slots `acquired`, `until`, `deadline`, `patient`, `place`, `cost` and `passed` (MOST_SLOTS,), how
    long photos `usual`ly take (2,), and the server's `key`.

    A slot is held `until` a moment, and remembers its photo to the `deadline` while there are others left. `place` is
    which of the places for usual photos it fills unless its `cost` is another; `passed` holds a bit for each step that
    its photo has come to. All but `key` is read and written inside `alone`.
    """

    def __init__(self, path: Path) -> None:
        """Raises InternalError where the path is another user's."""
        self._file = _opened(path)
        os.ftruncate(self._file, _SIZE)
        memory = mmap.mmap(self._file, _SIZE)
        head, rest = np.frombuffer(memory, np.uint8, _DIGEST + _KEY), _DIGEST + _KEY
        self._server, self._key = head[:_DIGEST], head[_DIGEST:]
        numbers = np.frombuffer(memory, np.float64, 6 * MOST_SLOTS + 2, rest)
        self.acquired, self.until, self.deadline, self.patient, self.place, self.cost, self.usual = np.split(
            numbers, [column * MOST_SLOTS for column in range(1, 7)]
        )
        bits = np.frombuffer(memory, np.uint64, MOST_SLOTS + MOST_STEPS, rest + numbers.nbytes)
        self.passed, self._steps = np.split(bits, [MOST_SLOTS])
        with self.alone():
            self._begin(_server_digest(), [numbers, bits])
        self.key = self._key.tobytes()

    def step_bit(self, name: str) -> np.uint64:
        """The bit of a step by its model's name, the same in all processes. Raises InternalError beyond MOST_STEPS."""
        known = np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") | 1)
        with self.alone():
            for number in range(MOST_STEPS):
                if self._steps[number] in (0, known):
                    self._steps[number] = known
                    return np.uint64(1 << number)
        raise InternalError(f"admission control knows at most {MOST_STEPS} steps")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While the block runs, no other process is in one."""
        # The kernel gives the lock back when its holder dies.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _begin(self, server: bytes, tables: list[NDArray[np.generic]]) -> None:
        if self._server.tobytes() == server:
            return
        for table in tables:
            table[:] = 0
        self._key[:] = np.frombuffer(os.urandom(_KEY), np.uint8)
        self._server[:] = np.frombuffer(server, np.uint8)


def _opened(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    found = os.fstat(file)
    if found.st_uid != os.geteuid() or not stat.S_ISREG(found.st_mode):
        os.close(file)
        raise InternalError("the file of admission control belongs to another user; set SEAMLINE_HOME to an own folder")
    os.fchmod(file, 0o600)
    return file


def _server_digest() -> bytes:
    """What tells one start of a server from another: the process that started this one, and when that began."""
    parent = os.getppid()
    began = Path(f"/proc/{parent}/stat").read_text().rsplit(")", 1)[1].split()[19]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return hashlib.sha256(f"{boot} {parent} {began}".encode()).digest()
