"""The life of a supervised process, with real processes of a line of shell."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from seamline.local.process import spawn
from seamline.local.service import Service


class Shell(Service):
    """Runs a line of shell; counts as ready once it has written a line."""

    name = "shell"

    def __init__(self, folder: Path, line: str, start_timeout: float = 5.0) -> None:
        self.events: list[str] = []
        super().__init__(folder / "log", start_timeout, lambda _, what: self.events.append(what))
        self.line = line
        self.trouble: str | None = None
        self.starts: list[float] = []

    def spawn(self) -> subprocess.Popen[bytes]:
        self.starts.append(time.monotonic())
        return spawn(["/bin/sh", "-c", self.line], os.environ, self.log.parent, self.log, signal.SIGKILL)

    def is_ready(self) -> bool:
        return self.log.stat().st_size > self._log_start

    def check(self) -> str | None:
        return self.trouble

    def request_stop(self) -> None:
        self.kill()

    def exit_reason(self, log: str) -> str:
        return log.strip()

    def tick_until(self, state: str, patience: float = 10.0) -> None:
        deadline = time.monotonic() + patience
        while self.state != state:
            assert time.monotonic() < deadline, f"still {self.state}"
            self.tick()
            time.sleep(0.01)


@pytest.fixture
def shell(tmp_path: Path):
    service = Shell(tmp_path, "echo here; sleep 60")
    service.start()
    yield service
    service.kill()


def test_a_killed_process_is_started_again_at_once_and_the_reason_kept(shell: Shell) -> None:
    shell.tick_until("ready")
    first = shell.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    shell.tick_until("waiting")
    shell.tick_until("ready")
    assert shell.pid != first
    assert shell.restarts == 1
    assert shell.last_error == "shell ended with signal 9: here"
    assert shell.starts[1] - shell.starts[0] < 5.0


def test_a_process_that_falls_silent_is_replaced(shell: Shell) -> None:
    shell.tick_until("ready")
    shell.trouble = "it does not answer"
    shell.tick_until("waiting")
    shell.trouble = None
    shell.tick_until("ready")
    assert "it does not answer" in shell.last_error


def test_a_surprise_while_looking_after_a_process_costs_only_that_process(shell: Shell) -> None:
    shell.tick_until("ready")
    shell.check = lambda: [][0]  # type: ignore[method-assign]
    shell.tick()
    assert shell.last_error.startswith("looking after shell failed: IndexError")
    del shell.check
    shell.tick_until("ready")


def test_a_crash_loop_is_tried_ever_more_rarely(tmp_path: Path) -> None:
    service = Shell(tmp_path, "echo no luck >&2; exit 3")
    service.is_ready = lambda: False  # type: ignore[method-assign]
    service.start()
    while len(service.starts) < 4:
        service.tick()
        time.sleep(0.005)
    gaps = [later - earlier for earlier, later in zip(service.starts, service.starts[1:], strict=False)]
    assert gaps[0] < 0.9 < 1.0 <= gaps[1] + 0.1
    assert 1.9 < gaps[2] < 4.0
    assert service.last_error == "shell ended with exit code 3: no luck"
    service.tick_until("waiting")
    assert service.summary()["next_start_in"] > 2.0
    service.kill()


def test_a_process_that_never_answers_fails_its_start(tmp_path: Path) -> None:
    service = Shell(tmp_path, "sleep 60", start_timeout=0.2)
    service.start()
    service.tick_until("waiting")
    assert "did not answer within 0 s" in service.last_error
    assert service.process is not None
    assert service.process.returncode == -signal.SIGKILL
