"""What the wheel and the sdist hold."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT
from tests.support.environments import Environment, find_python

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_LARGEST = 2**20


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_package_with_its_templates_and_licence_and_nothing_else(wheel: Path) -> None:
    names = _names(wheel)
    command = ["git", "ls-files", "seamline"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert names >= {name for name in listed if not name.endswith(".md")}
    assert names >= {"seamline/py.typed", "seamline/report/page.html", "seamline/systems/psnet_lite/config.toml"}
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"seamline"}
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    assert {Path(name).suffix for name in names if not name.endswith("/")} <= {
        ".py", ".typed", ".toml", ".html", ".css", ".txt", "",
    }  # fmt: skip
    assert wheel.stat().st_size < _LARGEST


def test_the_metadata_name_the_pythons_and_pass_twine(wheel: Path, distributions: Path, tools: Environment) -> None:
    (name,) = (name for name in _names(wheel) if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["Requires-Python"] == "<3.14,>=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert {"local", "parquet", "train", "spark"} <= set(metadata.get_all("Provides-Extra") or ())
    done = tools.run("python", "-m", "twine", "check", "--strict", *distributions.iterdir())
    assert done.returncode == 0, done.stdout


def test_the_sdist_holds_no_photos_and_no_networks(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        suffixes = {Path(name).suffix for name in archive.getnames()}
    assert not suffixes & {".jpg", ".png", ".webp", ".onnx", ".pt", ".plan", ".parquet"}
    assert sdist.stat().st_size < _LARGEST


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_where_a_python_is_missing_its_wheels_are_at_least_resolved(
    version: str, wheel: Path, tools: Environment, tmp_path: Path
) -> None:
    if find_python(version) is not None:
        pytest.skip(f"Python {version} is here, and the wheel is installed into it")
    words = ("install", "--dry-run", "--quiet", "--only-binary=:all:", "--python-version", version, "--target")
    done = tools.run("python", "-m", "pip", *words, tmp_path, wheel)
    assert done.returncode == 0, done.stderr
