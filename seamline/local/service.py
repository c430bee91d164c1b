"""The life of one supervised process: started, ready, dead, waiting, started again.

    start --> starting --first answer--> ready --dies or falls silent--> waiting --pause over--> starting ...

The pause is nothing after the first failure and doubles with each further one, until the process has
been ready for a while. All of it happens in `tick`, which the supervisor's main thread calls: the kernel
ends the children when the *thread* that started them ends, so no other thread may.
"""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seamline.local.process import read_from, size_of

_STABLE_AFTER = 60.0
_LONGEST_BACKOFF = 30.0


class NeverReady(Exception):
    """The process runs and answers, but wrongly; waiting longer will not help. The text says why."""


class Service(ABC):
    """One process with a start, a first answer and a health check of its own."""

    name: str

    def __init__(self, log: Path, start_timeout: float, report: Callable[[str, str], None]) -> None:
        """`report(service, sentence)` is told what happens."""
        self.log = log
        self.state = "new"
        self.restarts = 0
        self.last_error = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._start_timeout = start_timeout
        self._report = report
        self._failures = 0
        self._since = time.monotonic()
        self._down_since = time.monotonic()
        self._restart_at = 0.0
        self._log_start = 0

    @abstractmethod
    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process; what an earlier one left behind is gone after this."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the starting process answers as it should. Quick; called several times a second.

        Raises NeverReady when it answers, but never will as it should.
        """

    @abstractmethod
    def check(self) -> str | None:
        """Look after the ready process; a sentence when only a new process can help."""

    @abstractmethod
    def request_stop(self) -> None:
        """Tell the process to end in an orderly way; do not wait."""

    def exit_reason(self, log: str) -> str:
        """Why the process ended, from what it has logged since its start; empty when that does not say."""
        return ""

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        return None if self.process is None else self.process.pid

    def start(self) -> None:
        """Start the process and begin to wait for its first answer."""
        self._log_start = size_of(self.log)
        self.process = self.spawn()
        self._enter("starting")

    def tick(self) -> None:
        """Move on: called twice a second, never waits longer than one check."""
        try:
            self._advance()
        except Exception as error:
            # A supervisor that died of a surprise would take a server with it that mostly works.
            self._failed(f"looking after {self.name} failed: {type(error).__name__}: {error}")

    def _advance(self) -> None:
        if self.state == "waiting":
            if time.monotonic() >= self._restart_at:
                self.restarts += 1
                self.start()
            return
        if self.process is None:
            return
        code = self.process.poll()
        if code is not None:
            self._failed(f"{self.name} ended with {_exit_text(code)}")
        elif self.state == "starting":
            self._tick_starting()
        elif reason := self.check():
            self._failed(reason)

    def kill(self) -> None:
        """End the process at once and collect it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def summary(self) -> dict[str, Any]:
        """For server.json: state, pid, restarts, the last error and, while waiting, the pause left."""
        summary: dict[str, Any] = {"state": self.state, "pid": self.pid, "restarts": self.restarts}
        if self.last_error:
            summary["last_error"] = self.last_error
        if self.state == "waiting":
            summary["next_start_in"] = round(max(0.0, self._restart_at - time.monotonic()), 1)
        return summary

    def _tick_starting(self) -> None:
        try:
            answered = self.is_ready()
        except NeverReady as reason:
            self._failed(str(reason))
            return
        if answered:
            seconds = time.monotonic() - self._down_since
            self._enter("ready")
            self._report(self.name, f"ready after {seconds:.1f} s")
        elif time.monotonic() - self._since > self._start_timeout:
            self._failed(f"{self.name} did not answer within {self._start_timeout:.0f} s")

    def _failed(self, reason: str) -> None:
        self.kill()
        stable = self.state == "ready" and time.monotonic() - self._since > _STABLE_AFTER
        if self.state == "ready":
            self._down_since = time.monotonic()
        self._failures = 1 if stable else self._failures + 1
        self.last_error = f"{reason}{self._exit_reason()}"
        self._restart_at = time.monotonic() + _backoff(self._failures)
        self._enter("waiting")
        self._report(self.name, self.last_error)

    def _exit_reason(self) -> str:
        found = self.exit_reason(read_from(self.log, self._log_start))
        return f": {found}" if found else ""

    def _enter(self, state: str) -> None:
        self.state = state
        self._since = time.monotonic()


def _backoff(failures: int) -> float:
    return 0.0 if failures <= 1 else min(_LONGEST_BACKOFF, 0.5 * 2.0 ** (failures - 1))


def _exit_text(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
