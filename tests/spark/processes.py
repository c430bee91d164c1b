"""The processes that run Spark's tasks, from /proc."""

from __future__ import annotations

from pathlib import Path


def python_workers(ancestor: int) -> list[int]:
    """The Python processes below `ancestor` that run tasks: forks of Spark's daemon."""
    parents = dict(_parents())
    return [
        process
        for process, parent in parents.items()
        if _runs(process, b"pyspark.daemon")
        and _runs(parent, b"pyspark.daemon")
        and ancestor in _above(process, parents)
    ]


def executors(ancestor: int) -> list[int]:
    """The JVMs of executors below `ancestor`."""
    parents = dict(_parents())
    return [
        process
        for process in parents
        if _runs(process, b"CoarseGrainedExecutorBackend") and ancestor in _above(process, parents)
    ]


def _parents() -> list[tuple[int, int]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.append((int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])))
        except OSError:  # it has ended since
            continue
    return found


def _runs(process: int, name: bytes) -> bool:
    try:
        return name in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def _above(process: int, parents: dict[int, int]) -> list[int]:
    above = []
    while process := parents.get(process, 0):
        above.append(process)
    return above
