"""The wheel in new environments: the base package under every Python, and a server outside a checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Installed
from tests.support.environments import Environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PYTHONS = ("3.11", "3.12", "3.13")
SERVER_PYTHONS = ("3.11", "3.12")
NOWHERE = {"SEAMLINE_URL": "127.0.0.1:1", "SEAMLINE_MILVUS_URI": "http://127.0.0.1:1"}

_IMPORTS = """
import importlib, pkgutil, sys
import seamline, seamline.client, seamline.index, seamline.catalogue, seamline.ranking, seamline.report, seamline.cli
import numpy
assert int(numpy.__version__.split('.')[0]) >= 2, numpy.__version__
assert not {'torch', 'pyarrow', 'cv2', 'onnxruntime', 'pyspark'} & set(sys.modules)
print(seamline.__file__)
"""
_LOCAL, _PARQUET = "pip install 'seamline[local]'", "pip install 'seamline[parquet]'"

_COMMANDS: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("--help",), 0, ""),
    (("version",), 0, ""),
    (("systems",), 0, ""),
    (("down",), 0, ""),
    (("logs",), 0, ""),
    (("status",), 4, "no server answers at 127.0.0.1:1"),
    (("search", "a.jpg"), 4, "no server answers at 127.0.0.1:1"),
    (("compare", "a.jpg", "b.jpg"), 4, "no server answers at 127.0.0.1:1"),
    (("index", "photos"), 4, "no server answers at 127.0.0.1:1"),
    (("index", "items.parquet"), 2, _PARQUET),
    (("index", "parts"), 2, _PARQUET),
    (("collections",), 4, ""),
    (("collections", "rebuild", "x"), 4, ""),
    (("collections", "rollback", "x"), 4, ""),
    (("collections", "prune", "x"), 4, ""),
    (("collections", "drop", "x", "--yes"), 4, ""),
    (("collections", "export", "x", "x.parquet"), 2, _PARQUET),
    (("collections", "import", "items.parquet"), 2, _PARQUET),
    (("items", "show", "x", "y"), 4, ""),
    (("items", "delete", "x", "y"), 4, ""),
    (("train", "x.toml"), 2, "pip install 'seamline[train]'"),
    (("evaluate", "photos"), 2, "pip install 'seamline["),
)


@pytest.mark.parametrize("version", PYTHONS)
def test_the_base_package_brings_numpy_2_and_imports_without_a_warning(installed: Installed, version: str) -> None:
    environment = installed(version, "")
    environment.check()
    place = environment.python(_IMPORTS, "-W", "error").strip()
    assert Path(place).is_relative_to(environment.folder)


@pytest.mark.parametrize("version", PYTHONS)
def test_every_command_of_the_base_package_ends_with_a_sentence(installed: Installed, version: str) -> None:
    environment = installed(version, "")
    _lay_out(environment.home)
    up = _LOCAL if version in SERVER_PYTHONS else "no build for Python"
    commands = (*_COMMANDS, (("up",), 2 if version in SERVER_PYTHONS else 4, up))
    wrong = {words: done for words, code, sentence in commands if (done := _judged(environment, words, code, sentence))}
    assert not wrong


def _lay_out(home: Path) -> None:
    for name in ("photos/a.jpg", "parts/part-0.parquet", "a.jpg", "b.jpg", "items.parquet", "x.toml"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(b"nothing")


def _judged(environment: Environment, words: tuple[str, ...], code: int, sentence: str) -> str:
    """What a command said where it did not end as it should; empty where it did."""
    done = environment.run("seamline", *words, **NOWHERE)
    told = done.stdout + done.stderr
    is_right = done.returncode == code and sentence in told and "Traceback" not in told and "a fault of" not in told
    return "" if is_right else f"{done.returncode}: {told}"


def test_a_client_without_a_server_says_so(installed: Installed) -> None:
    environment = installed(PYTHONS[0], "")
    program = """
from seamline.client import Client
from seamline.core.errors import Unavailable
try:
    Client("127.0.0.1:1").versions()
except Unavailable as error:
    print(error)
"""
    assert "no server answers at 127.0.0.1:1" in environment.python(program)


@dataclass(frozen=True)
class Running:
    """A server outside a checkout."""

    environment: Environment
    address: dict[str, str]


@pytest.fixture(scope="module", params=SERVER_PYTHONS)
def running(installed: Installed, request: pytest.FixtureRequest) -> Iterator[Running]:
    environment = installed(request.param, "local")
    lost = environment.run("seamline", "up")
    assert lost.returncode == 4
    assert "the wheel carries none" in lost.stderr
    assert "SEAMLINE_MODEL_REPOSITORY" in lost.stderr
    ports = ("--grpc-port", "0", "--http-port", "0", "--metrics-port", "0", "--milvus-port", "0")
    up = environment.run("seamline", "up", *ports, "--json", SEAMLINE_MODEL_REPOSITORY=str(ROOT / "model_repository"))
    try:
        assert up.returncode == 0, up.stderr
        endpoints = json.loads(up.stdout)
        yield Running(environment, {"SEAMLINE_URL": endpoints["grpc"], "SEAMLINE_MILVUS_URI": endpoints["milvus"]})
    finally:
        environment.run("seamline", "down")


def test_a_collection_passes_through_parquet_under_the_newest_python(
    running: Running, installed: Installed, drawn: Path
) -> None:
    environment = installed(PYTHONS[-1], "parquet")
    for words in (
        ("index", drawn, "--collection", "whole"),
        ("collections", "export", "whole", "whole.parquet"),
        ("collections", "import", "whole.parquet", "--collection", "again"),
    ):
        done = environment.run("seamline", *words, **running.address)
        assert done.returncode == 0, done.stderr
    listed = environment.run("seamline", "collections", "--json", **running.address)
    garments = {entry["name"]: entry["garments"] for entry in json.loads(listed.stdout)}
    assert garments["again"] == garments["whole"] >= 12


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    command = [sys.executable, "-m", "seamline.synthetic", str(folder), "--garments", "12", "--seed", "0"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_a_server_from_the_wheel_answers_clients_with_numpy_2_as_its_own(
    running: Running, installed: Installed, drawn: Path
) -> None:
    running.environment.check()
    answers = []
    photo = next(iter(sorted(drawn.rglob("*.jpg"))))
    environments = [running.environment, *(installed(version, "") for version in PYTHONS)]
    for number, environment in enumerate(environments):
        words = ("--collection", f"from_{number}", "--json")
        indexed = environment.run("seamline", "index", drawn, *words, **running.address)
        assert indexed.returncode == 0, indexed.stderr
        assert json.loads(indexed.stdout)["garments"] >= 12
        page = environment.home / "page.html"
        found = environment.run("seamline", "search", photo, *words, "--report", page, **running.address)
        assert found.returncode == 0, found.stderr
        assert page.read_text(encoding="utf-8").lstrip().startswith("<!DOCTYPE html>")
        answers.append([hit["item"] for hit in json.loads(found.stdout)["garments"][0]["hits"]])
    assert answers[0][0] == photo.relative_to(drawn).as_posix()
    assert answers[1:] == answers[:1] * len(PYTHONS)
