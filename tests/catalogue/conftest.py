from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.index import Index
from tests.support.milvus_lite import milvus_lite


@pytest.fixture(autouse=True)
def _state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Journals must not reach the state folder of whoever runs the tests."""
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with milvus_lite(tmp_path_factory.mktemp("milvus")) as uri:
        index = Index(uri)
        yield index
        index.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos, one of which shows nothing, and a file that is none; all are older than a journal's caution."""
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    write(folder / "a.jpg", b"a g")
    write(folder / "deep" / "b.PNG", b"b g g")
    write(folder / "deep" / "er" / "it's 100%.webp", b"c g")
    write(folder / "empty.jpg", b"nobody here")
    write(folder / "notes.txt", b"g")
    return folder


def write(path: Path, data: bytes, age: float = 100.0) -> None:
    """Write a file that was last changed `age` seconds ago."""
    path.write_bytes(data)
    when = path.stat().st_mtime - age
    os.utime(path, (when, when))
