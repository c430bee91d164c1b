"""One real server for all tests that only ask it; tests that break a server start their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from seamline.local import LocalServer
    from tests.support.milvus_standalone import MilvusStandalone


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """Triton with both repositories and Milvus Lite, on free ports."""
    from seamline.local import LocalOptions, LocalServer

    home = tmp_path_factory.mktemp("home")
    with LocalServer(LocalOptions(home=home, grpc_port=0, metrics_port=0, milvus_port=0)) as running:
        yield running


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusStandalone]:
    """A real Milvus standalone server; a test that breaks its server starts one of its own."""
    from seamline.local.errors import CannotRunHere
    from tests.support.milvus_standalone import MilvusStandalone

    server = MilvusStandalone(tmp_path_factory.mktemp("standalone"))
    try:
        server.start()
    except CannotRunHere as error:
        pytest.skip(f"no Milvus server: {error}")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of photos that SEAMLINE_PHOTOS names, by default one beside the checkout."""
    folder = Path(os.environ.get("SEAMLINE_PHOTOS", Path(__file__).parents[2] / "shared" / "photos"))
    if not folder.is_dir():
        pytest.skip("no folder of photos: name one with SEAMLINE_PHOTOS")
    return folder
