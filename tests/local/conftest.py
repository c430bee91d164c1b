from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.local import LocalOptions, LocalServer
from seamline.local.folder import StateFolder
from seamline.local.process import marked, shared_memory_files
from tests.local import small_repository


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
        http_port=0,
        metrics_port=0,
        milvus_port=0,
        health_interval=1.0,
    )


def nothing_left(home: Path) -> bool:
    """Whether no process, no shared memory and no state file of a server remains."""
    folder = StateFolder.at(home)
    return (
        not marked(folder.home)
        and not shared_memory_files(folder.shared_memory_prefix)
        and not folder.server_json.exists()
        and not folder.lock.exists()
    )
