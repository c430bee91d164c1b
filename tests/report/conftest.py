from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seamline.client import Client, Searched
from tests.support.photos import jpeg
from tests.support.scenes import Scene, SceneGarment, SceneHit
from tests.support.wire_server import WireServer

Search = Callable[..., Searched]


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "suspect.jpg"
    path.write_bytes(jpeg((300, 400), "steelblue"))
    return path


@pytest.fixture
def hit_photo(tmp_path: Path) -> Path:
    path = tmp_path / "items" / "original.jpg"
    path.parent.mkdir()
    path.write_bytes(jpeg((300, 400), "tomato"))
    return path


@pytest.fixture
def search(server: WireServer, photo: Path) -> Search:
    """Search for `photo`, of which the server finds garments with these hits."""

    def found(*rows: tuple[SceneHit, ...]) -> Searched:
        server.scene = Scene(tuple(SceneGarment(hits=row) for row in rows))
        with Client(server.address) as client:
            return client.search(photo)

    return found


def sha256(path: Path) -> str:
    """Of the file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
