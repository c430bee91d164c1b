from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seamline.cli import app
from tests.support.photos import jpeg
from tests.support.wire_server import WireServer

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_server_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands must not find a server that happens to run here."""
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path / "home"))
    for name in ("SEAMLINE_URL", "SEAMLINE_MILVUS_URI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    with WireServer() as running:
        monkeypatch.setenv("SEAMLINE_URL", running.address)
        yield running


@pytest.fixture
def run() -> Run:
    """Run the command; gives exit code, stdout and stderr."""
    runner = CliRunner()
    return lambda *words, **options: runner.invoke(app, [str(word) for word in words], **options)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "suspect.jpg"
    path.write_bytes(jpeg((300, 400), "steelblue"))
    return path
