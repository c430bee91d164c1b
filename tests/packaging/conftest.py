"""The wheel and the sdist of this checkout, and environments into which the wheel is installed."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.environments import Environment, find_python

ROOT = Path(__file__).parents[2]

Installed = Callable[[str, str], Environment]
"""Version of Python and extra, empty for none -> an environment with the wheel and nothing else."""


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.make(Path(sys.executable), tmp_path_factory.mktemp("tools") / "tools", "build", "twine")


@pytest.fixture(scope="session")
def distributions(tools: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("distributions")
    _copy_checkout(folder / "checkout")
    done = tools.run("python", "-m", "build", "--outdir", folder / "dist", folder / "checkout")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder / "checkout")
    return folder / "dist"


def _copy_checkout(folder: Path) -> None:
    """What git knows or would add: built from the checkout itself, a wheel takes along what an earlier build left."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("model_repository/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    (found,) = distributions.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    @functools.cache
    def make(version: str, extra: str) -> Environment:
        python = find_python(version)
        if python is None:
            pytest.skip(f"there is no Python {version} here; put python{version} on PATH")
        folder = tmp_path_factory.mktemp("installed") / f"{extra or 'base'}-{version}"
        return Environment.make(python, folder, f"{wheel}[{extra}]" if extra else str(wheel))

    return make
