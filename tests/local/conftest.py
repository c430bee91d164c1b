from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from seamline.local import LocalOptions, LocalServer
from seamline.local.folder import StateFolder
from seamline.local.plain_paths import plain_folder
from tests.local import small_repository
from tests.local.calls import nothing_left

NOWHERE = "http://127.0.0.1:9"
ODD = {"LC_ALL": "C", "PYTHONSAFEPATH": "1"} | dict.fromkeys(
    ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy"), NOWHERE
)
"""What a shell may hold that must not reach the server's own processes."""


@pytest.fixture
def small(tmp_path: Path) -> LocalOptions:
    """Options for a server of its own over the small repositories; nothing is started."""
    return small_options(tmp_path)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """One server over the small repositories for every test that leaves it as healthy as it found it.

    Its folders and its surroundings are as odd as people's are.
    """
    folder = tmp_path_factory.mktemp("server") / "ödd シ 'folder' $HOME (1)"
    folder.mkdir()
    options = small_options(folder)
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as start:
            for name, value in ODD.items():
                start.setenv(name, value)
            server = stack.enter_context(LocalServer(options))
        yield server
    assert nothing_left(options.home)
    assert not plain_folder(StateFolder.at(options.home)).exists()


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
