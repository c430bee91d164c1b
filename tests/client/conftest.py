from __future__ import annotations

from collections.abc import Iterator

import pytest

from seamline.client import Client
from tests.support.photos import jpeg
from tests.support.wire_server import WireServer


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


@pytest.fixture
def client(server: WireServer) -> Iterator[Client]:
    with Client(server.address, timeout=5) as connected:
        yield connected


@pytest.fixture(scope="session")
def photo() -> bytes:
    return jpeg((300, 400), "steelblue")
