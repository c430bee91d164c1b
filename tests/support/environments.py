"""New virtual environments of any Python on this machine, and programs run in them as a stranger would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 600.0


def find_python(version: str) -> Path | None:
    """The interpreter of a version such as `3.12`: this one, one on PATH, or one of pyenv's."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [Path(on_path)] if on_path else []
    found += sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    return next((python for python in found if _answers(python, version)), None)


def _answers(python: Path, version: str) -> bool:
    """Not for pyenv's shims of versions that are not chosen."""
    told = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.startswith(f"Python {version}.")


@dataclass(frozen=True)
class Environment:
    """A virtual environment. `home` is where its programs run, with the state folder of seamline below it."""

    folder: Path
    home: Path

    @classmethod
    def make(cls, python: Path, folder: Path, *requirements: str) -> Environment:
        """A new one with these packages."""
        environment = cls(folder, folder.with_name(f"{folder.name}-home"))
        environment.home.mkdir()
        _checked([python, "-m", "venv", folder], environment.home, {})
        _checked([*environment._pip, "install", "--quiet", *requirements], environment.home, {})
        return environment

    @property
    def _pip(self) -> list[str | Path]:
        return [self.folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]

    def check(self) -> str:
        """What `pip check` says. Raises when requirements are not met."""
        return _checked([*self._pip, "check"], self.home, {})

    def python(self, program: str, *options: str) -> str:
        """What a Python program prints. Raises when it fails."""
        return _checked([self.folder / "bin" / "python", *options, "-c", program], self.home, {})

    def run(self, name: str, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """A program of the environment, whose end is not judged."""
        return _run([self.folder / "bin" / name, *words], self.home, variables)


def _run(command: list[str | Path], home: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SEAMLINE_", "VIRTUAL_"))
    }
    environment = kept | {"SEAMLINE_HOME": str(home / "state"), "COLUMNS": "200"} | variables
    return subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def _checked(command: list[str | Path], home: Path, variables: Mapping[str, str]) -> str:
    done = _run(command, home, variables)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout
