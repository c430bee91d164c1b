"""Commands whose standard streams are closed, full, without a reader, or of a narrow encoding."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.photos import jpeg
from tests.support.scenes import Scene, SceneGarment, SceneHit
from tests.support.wire_server import WireServer

SEAMLINE = f"{shlex.quote(sys.executable)} -c 'from seamline.cli import app; app()'"


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The line in bash, where $S is the command; its code is that of the line's first part."""
    return subprocess.run(
        ["bash", "-c", f'S() {{ {SEAMLINE} "$@"; }}; {line}; exit ${{PIPESTATUS[0]}}'],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["version", "--help", "status --json"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_2_and_one_line(command: str, unbuffered: str) -> None:
    ended = shell(f"S {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert ended.stderr == "error: standard output could not be written: No space left on device\n"
    assert ended.returncode == 2


def test_a_closed_standard_output_is_2_and_one_line() -> None:
    ended = shell("S version >&-")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert ended.stderr.startswith("error: standard output could not be written")
    assert shell("S version >&- 2>&- <&-").returncode == 2


def test_a_reader_that_has_left_is_141_without_a_word() -> None:
    ended = shell("S --help | true", PYTHONUNBUFFERED="1")
    assert (ended.returncode, ended.stderr) == (141, "")


def test_a_standard_error_that_takes_nothing_changes_no_exit_code() -> None:
    for closed in ("2>/dev/full", "2>&-"):
        assert shell(f"S status {closed}").returncode == 4


def test_an_id_that_the_encoding_lacks_is_spelled_out(tmp_path: Path) -> None:
    photo = tmp_path / "suspect.jpg"
    photo.write_bytes(jpeg((300, 400), "steelblue"))
    with WireServer() as running:
        running.scene = Scene((SceneGarment(hits=(SceneHit("シャツ-1"),)),))
        for encoding, shown in (("ascii", r"\u30b7\u30e3\u30c4-1"), ("utf-8", "シャツ-1")):
            ended = shell(f"S search '{photo}'", SEAMLINE_URL=running.address, PYTHONIOENCODING=encoding)
            assert (ended.returncode, ended.stderr) == (0, "")
            assert shown in ended.stdout


def test_a_user_without_a_home_is_4_and_told_what_to_set(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become a user that the machine does not know")
    ended = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY],
        env={name: value for name, value in os.environ.items() if name != "HOME" and not name.startswith("SEAMLINE_")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (
        ended.stderr.splitlines()
        == [
            "error: this user has no home folder; set SEAMLINE_HOME to a folder for the local server, or SEAMLINE_URL"
            " to the address of another one"
        ]
        * 4
    )
    assert ended.stdout.split() == ["Unavailable", "4", "4", "4", "4"]


_AS_NOBODY = """
import os
import sys

import seamline.catalogue, seamline.cli.tables, seamline.index, seamline.local.control, seamline.local.observe
from seamline.cli import app
from seamline.client import Client
from seamline.core.errors import Unavailable

os.setgroups([])
os.setgid(54321)
os.setuid(54321)
try:
    Client()
except Unavailable as error:
    print(type(error).__name__)
for command in ("status", "down", "up", "search"):
    try:
        app([command, *(["/dev/null"] if command == "search" else [])])
    except SystemExit as end:
        print(end.code)
"""
