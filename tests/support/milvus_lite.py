"""A Milvus Lite server of its own for tests that need an index without the whole local server."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from seamline.core.errors import SeamlineError
from seamline.index import Index


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def milvus_lite(folder: Path) -> Iterator[str]:
    """Run a server over `folder` and give its address."""
    port = free_port()
    program = Path(sys.executable).with_name("milvus-lite")
    command = [str(program), "server", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        uri = f"http://127.0.0.1:{port}"
        _wait(uri)
        yield uri
    finally:
        process.terminate()
        process.wait(10)


def _wait(uri: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            Index(uri, timeout=2.0).names()
            return
        except SeamlineError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
