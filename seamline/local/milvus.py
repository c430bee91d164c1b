"""Milvus Lite's server as a supervised process, its data in the state folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc  # type: ignore[import-untyped, unused-ignore]

from seamline.local.milvus_calls import NO_COLLECTIONS, load_collections, ping
from seamline.local.options import ADDRESS
from seamline.local.process import spawn, supervised_environment
from seamline.local.service import Service

_PING_EVERY = 5.0
_PING_TIMEOUT = 5.0
# A long flush or a storm of searches may keep all of Milvus Lite's threads busy, and killing it then would
# only make matters worse.
_UNRESPONSIVE_TIMEOUT = 60.0


class MilvusService(Service):
    """`milvus-lite server` on one port and one data folder, for good."""

    name = "milvus"

    def __init__(
        self,
        uri: str,
        data: Path,
        home: Path,
        log: Path,
        start_timeout: float,
        report: Callable[[str, str], None],
    ) -> None:
        super().__init__(log, start_timeout, report)
        self._address = uri.removeprefix("http://")
        self._data = data
        self._home = home
        self._last_ping = self._last_answer = time.monotonic()

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server; its data folder is locked by the kernel for as long as it lives."""
        port = self._address.rpartition(":")[2]
        where = ["--data-dir", str(self._data), "--host", ADDRESS, "--port", port]
        command = [sys.executable, "-m", "milvus_lite", "server", *where]
        environment = {**os.environ, **supervised_environment(self._home, self.name), "PYTHONUNBUFFERED": "1"}
        return spawn(command, environment, self._home, self.log, signal.SIGTERM)

    def is_ready(self) -> bool:
        """A real call is answered and every collection is loaded."""
        answer = ping(self._address, timeout=1.0)
        if answer is None:
            return False
        try:
            problems = [] if answer == NO_COLLECTIONS else load_collections(self._address)
        except grpc.RpcError as error:
            problems = [str(error.details())]
        for problem in problems:
            # A damaged collection must not keep the others from being served.
            self._report(self.name, f"a collection could not be loaded: {problem}")
        self._last_ping = self._last_answer = time.monotonic()
        return True

    def check(self) -> str | None:
        """Pings every few seconds; silence for a minute needs a new process."""
        now = time.monotonic()
        if now - self._last_ping < _PING_EVERY:
            return None
        self._last_ping = now
        if ping(self._address, _PING_TIMEOUT) is not None:
            self._last_answer = time.monotonic()
            return None
        silence = time.monotonic() - self._last_answer
        return f"Milvus Lite has not answered for {silence:.0f} s" if silence > _UNRESPONSIVE_TIMEOUT else None

    def request_stop(self) -> None:
        """SIGINT is what it closes its files on."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def exit_reason(self, log: str) -> str:
        """The last line of a Python traceback."""
        errors = [line.strip() for line in log.splitlines() if "Error: " in line]
        return errors[-1] if errors else ""
