from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seamline.local import process

PARENT = """
import os, signal, sys
from pathlib import Path
from seamline.local.process import supervised_environment, spawn
home = Path(sys.argv[1])
environment = {**os.environ, **supervised_environment(home, "triton")}
child = spawn(["/bin/sleep", "60"], environment, home, home / "log", signal.SIGKILL)
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def wait_until_gone(home: Path) -> bool:
    deadline = time.monotonic() + 5
    while process.supervised_processes(home) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not process.supervised_processes(home)


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", PARENT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert int(killed.stdout) > 0
    assert wait_until_gone(tmp_path)


def test_processes_are_found_by_folder_and_service_and_can_be_killed(tmp_path: Path) -> None:
    environment = {**os.environ, **process.supervised_environment(tmp_path, "triton")}
    # The shell's child inherits the mark, as Triton's stubs do.
    command = ["/bin/sh", "-c", "sleep 60 & wait"]
    child = process.spawn(command, environment, tmp_path, tmp_path / "log", signal.SIGKILL)
    while len(process.supervised_processes(tmp_path)) < 2:
        time.sleep(0.02)
    assert process.supervised_processes(tmp_path, "milvus") == []
    assert process.supervised_processes(tmp_path / "other") == []
    process.kill_supervised(tmp_path, "triton")
    assert process.supervised_processes(tmp_path) == []
    assert child.wait() == -signal.SIGKILL
    assert not process.is_alive(child.pid)


def test_a_process_that_waits_to_be_reaped_is_not_alive() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        time.sleep(0.2)
        assert not process.is_alive(child.pid)
    assert process.is_alive(os.getpid())


def test_output_goes_to_the_log_and_a_long_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "triton.log"
    for word in ("one", "two"):
        process.spawn(["/bin/echo", word], os.environ, tmp_path, log, signal.SIGKILL).wait()
    assert process.tail(log) == "one\ntwo"
    assert process.tail(log, 1) == "two"
    assert process.read_from(log, 4) == "two\n"
    monkeypatch.setattr(process, "_LOG_LIMIT", 3)
    process.spawn(["/bin/echo", "three"], os.environ, tmp_path, log, signal.SIGKILL).wait()
    assert process.tail(log) == "three"
    assert process.read_from(log, 100) == "three\n"
    assert process.tail(tmp_path / "triton.old.log") == "one\ntwo"
    assert process.tail(tmp_path / "none") == ""


def test_ignored_signals_are_not_inherited(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = process.spawn(["/bin/sleep", "60"], os.environ, tmp_path, tmp_path / "log", signal.SIGKILL)
    finally:
        signal.signal(signal.SIGINT, before)
    while b"/bin/sleep" not in Path("/proc", str(child.pid), "cmdline").read_bytes().split(b"\0")[0]:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    assert child.wait(5) == -signal.SIGINT
