"""A desk of a benchmark's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seamline.local.ports import free_ports


@contextmanager
def opened_desk(folder: Path, *options: str) -> Iterator[str]:
    """`seamline desk` over this folder, with more of its options; its address."""
    (port,) = free_ports(1)
    where = ["desk", "--folder", str(folder), "--listen", f"127.0.0.1:{port}"]
    program = Path(sys.executable).with_name("seamline")
    with subprocess.Popen([str(program), *where, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
