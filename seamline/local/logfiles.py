"""Reading the server's logs, once or as they grow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from seamline.local.observe import log_paths
from seamline.local.process import size_of, tail

_EVERY = 0.3


def logs(
    home: Path | None = None,
    names: Sequence[str] = ("supervisor", "triton", "milvus"),
    lines: int = 40,
    follow: bool = False,
    until: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, str]]:
    """(process, line) of the last `lines` of each log; with `follow`, then each new line until `until()`.

    A log that does not exist yet counts as empty.
    """
    paths = {name: path for name, path in log_paths(home).items() if name in names}
    ends = {name: size_of(path) for name, path in paths.items()}
    for name, path in paths.items():
        yield from ((name, line) for line in tail(path, lines).splitlines())
    while follow and not until():
        time.sleep(_EVERY)
        for name, path in paths.items():
            text, ends[name] = _after(path, ends[name])
            yield from ((name, line) for line in text.splitlines())


def _after(path: Path, end: int) -> tuple[str, int]:
    size = size_of(path)
    # A log that has shrunk was set aside and begun anew.
    start = end if size >= end else 0
    if size == start:
        return "", size
    with path.open("rb") as file:
        file.seek(start)
        text = file.read(size - start)
    complete = text[: text.rfind(b"\n") + 1]
    return complete.decode(errors="replace"), start + len(complete)
