"""Starting, finding and ending processes, and the shared-memory files that they leave.

Every process of a server carries its state folder in an environment variable. Triton's stubs inherit it,
so all of them can be found again, whoever started them and whoever died in between.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVICES = ("supervisor", "gateway", "triton", "milvus")
_MARK = "SEAMLINE_SUPERVISED"

# Runs in the new process, before it becomes the server: asks the kernel to end it when the supervisor
# dies, and undoes ignored signals, which are inherited. `preexec_fn` could do it too, but not safely beside
# gRPC's threads.
_GUARD = """
import ctypes, os, signal, sys
deadly, parent = int(sys.argv[1]), int(sys.argv[2])
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
ctypes.CDLL(None).prctl(1, deadly, 0, 0, 0)
if os.getppid() != parent:
    sys.exit(1)
os.execv(sys.argv[3], sys.argv[3:])
"""
_LOG_LIMIT = 10 * 2**20


def spawn(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, death_signal: int
) -> subprocess.Popen[bytes]:
    """Starts `command` in `folder`, output appended to `log`; it gets `death_signal` when the calling thread ends."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    guard = [sys.executable, "-I", "-S", "-c", _GUARD, str(int(death_signal)), str(os.getpid())]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*guard, *command],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            umask=0o077,
            stdout=output,
            stderr=output,
        )


def become_subreaper() -> None:
    """Makes orphans among this process's descendants its children, so that it can reap them."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def reap_orphans(known: set[int]) -> None:
    """Collects dead children other than `known`, which their Popen objects collect."""
    for pid, (parent, state) in process_table().items():
        if parent == os.getpid() and state == "Z" and pid not in known:
            os.waitpid(pid, os.WNOHANG)


def process_table() -> dict[int, tuple[int, str]]:
    """pid -> (parent's pid, state letter as in /proc) of every process."""
    table = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            table[int(entry)] = (int(fields[1]), fields[0])
    return table


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not just waiting to be reaped."""
    try:
        state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def supervised_environment(home: Path, service: str) -> dict[str, str]:
    """The environment variable that makes a process and its children findable."""
    return {_MARK: f"{service}:{home}"}


def supervised_processes(home: Path, service: str | None = None) -> list[int]:
    """Live processes of the server of this state folder, or of one of its services; not the calling one."""
    names = [service] if service else SERVICES
    wanted = {os.fsencode(f"{_MARK}={name}:{home}") for name in names}
    return [pid for pid in _other_processes() if wanted & _environment(pid)]


def kill_supervised(home: Path, service: str | None = None, timeout: float = 5.0) -> None:
    """Kills what `supervised_processes` finds and waits until it is gone."""
    deadline = time.monotonic() + timeout
    while (left := supervised_processes(home, service)) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _other_processes() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]


def _environment(pid: int) -> set[bytes]:
    try:
        return set(Path("/proc", str(pid), "environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def shared_memory_files(prefix: str) -> list[Path]:
    """The files in /dev/shm whose name begins with `prefix`."""
    return sorted(Path("/dev/shm").glob(f"{prefix}*"))


def remove_shared_memory(prefix: str) -> None:
    """Removes them; only when no process uses them any more."""
    for file in shared_memory_files(prefix):
        file.unlink(missing_ok=True)


def keep_private(prefix: str) -> None:
    """Let only the owner read them: Triton makes them for every user of the machine, whatever its umask is."""
    for file in shared_memory_files(prefix):
        with contextlib.suppress(FileNotFoundError):
            file.chmod(0o600)


def size_of(log: Path) -> int:
    """Bytes in a log, 0 when there is none."""
    return log.stat().st_size if log.exists() else 0


def read_from(log: Path, start: int) -> str:
    """What a log says from byte `start` on; all of it when it has been begun anew since."""
    if not log.exists():
        return ""
    text = log.read_bytes()
    return text[start if start <= len(text) else 0 :].decode(errors="replace")


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log, empty when there is none."""
    return "\n".join(read_from(log, 0).splitlines()[-lines:] if lines else [])
