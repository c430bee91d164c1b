from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.local import LocalOptions, LocalServer
from tests.local import small_repository
from tests.local.calls import nothing_left


@pytest.fixture
def small(tmp_path: Path) -> LocalOptions:
    """Options for a server of its own over the small repositories; nothing is started."""
    return small_options(tmp_path)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """One server over the small repositories for every test that leaves it as healthy as it found it."""
    options = small_options(tmp_path_factory.mktemp("server"))
    with LocalServer(options) as server:
        yield server
    assert nothing_left(options.home)


def small_options(folder: Path) -> LocalOptions:
    models, ensembles = small_repository.write(folder)
    return LocalOptions(
        home=folder / "home",
        model_repository=models,
        ensembles=ensembles,
        grpc_port=0,
        metrics_port=0,
        milvus_port=0,
        health_interval=1.0,
        start_timeout=30.0,
    )
