from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import seamline
from seamline.cli import exits
from seamline.core.errors import InternalError
from tests.cli.conftest import Run
from tests.support.wire_server import WireServer

CALL = "from seamline.cli import app; app(prog_name='seamline')"


def test_status_without_a_server_is_4(run: Run) -> None:
    result = run("status")
    assert result.exit_code == 4
    assert "seamline up" in result.stderr
    assert json.loads(run("status", "--json").stdout)["running"] is False


def test_status_of_another_server_shows_its_versions(server: WireServer, run: Run) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert server.address in result.stdout
    data = json.loads(run("status", "--json").stdout)
    assert (data["ready"], data["versions"]["fingerprint"]) == (True, "0011223344556677")


def test_status_of_an_address_without_a_server_is_4(run: Run) -> None:
    assert run("status", "--url", "127.0.0.1:9").exit_code == 4


def test_down_without_a_server_is_done(run: Run) -> None:
    result = run("down")
    assert (result.exit_code, result.stderr) == (0, "no server was running\n")


def test_logs_of_nothing_are_empty_and_an_unknown_log_is_2(run: Run) -> None:
    assert run("logs").exit_code == 0
    assert run("logs", "nginx").exit_code == 2


def test_up_without_weights_is_4_and_says_what_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEAMLINE_MODEL_REPOSITORY", str(tmp_path / "nowhere"))
    result = run("up")
    assert result.exit_code == 4
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_version(run: Run) -> None:
    assert run("version").stdout == f"seamline {seamline.__version__}\n"


def test_a_fault_is_5_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise ZeroDivisionError("oh\nno")

    with pytest.raises(BaseException, match="5"):
        exits.command(fails)()
    error = capsys.readouterr().err
    assert error.startswith("error: ZeroDivisionError: oh\\nno")
    assert error.count("\n") == 1
    assert exits.exit_code(InternalError("x")) == 5


def test_help_needs_no_numpy_and_is_quick() -> None:
    imported = [sys.executable, "-c", "import sys, seamline.cli; print(*sys.modules)"]
    modules = subprocess.run(imported, capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "grpc", "pymilvus", "PIL", "jinja2"} & set(modules)
    spent = []
    for _ in range(3):
        begun = time.perf_counter()
        shown = subprocess.run([sys.executable, "-c", CALL, "--help"], capture_output=True, text=True, check=True)
        spent.append(time.perf_counter() - begun)
    assert "compare" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert min(spent) < 1.5


def test_a_closed_pipe_is_no_traceback(server: WireServer, photo: Path) -> None:
    pipeline = f'"{sys.executable}" -c "{CALL}" search "{photo}" --json | head -c 1'
    shown = subprocess.run(["bash", "-c", pipeline], capture_output=True, text=True, check=False)
    assert shown.stdout == "{"
    assert "Traceback" not in shown.stderr


def test_what_the_system_says_of_a_users_files_is_no_fault(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/photos/cache")

    monkeypatch.setattr("seamline.local.status", full)
    result = run("status")
    assert (result.exit_code, result.stderr) == (2, "error: /photos/cache: No space left on device\n")
