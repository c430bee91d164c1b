"""The real Milvus standalone server that the tests and benchmarks of scale run against."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from seamline.core.errors import Unavailable
from seamline.index import Index
from seamline.index.search_params import SearchParams
from seamline.local.errors import CannotRunHere, PortTaken, StartFailed
from tests.support.milvus_standalone import MilvusStandalone
from tests.support.milvus_wheel import Wheel, default_environment
from tests.support.rows import DIMENSION, FINGERPRINT, garment


def installed() -> None:
    """Skip where the wheel cannot be had, as without a network."""
    try:
        Wheel(default_environment()).install()
    except CannotRunHere as error:
        pytest.skip(f"no Milvus server: {error}")


@pytest.mark.server
@pytest.mark.slow
def test_what_was_flushed_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    installed()
    with MilvusStandalone(tmp_path) as server:
        index = Index(server.uri)
        collection = index.create("kept", FINGERPRINT, (5, DIMENSION))
        collection.store(garment(number) for number in range(50))
        collection.flush()
        index.close()
        uri, memory = server.uri, server.memory()
        server.kill()
        assert server.memory() == 0 < memory
        with pytest.raises(Unavailable):
            Index(uri, timeout=1.0).names()
        server.start()
        assert server.uri == uri
        index = Index(server.uri)
        found = index.open("kept").candidates_of([np.ones(5 * DIMENSION, np.float32)], SearchParams(5))[0]
        assert len(found.keys) == 5
        index.close()
    assert server.pid is None


@pytest.mark.server
def test_two_servers_run_beside_each_other(milvus_server: MilvusStandalone, tmp_path: Path) -> None:
    with MilvusStandalone(tmp_path) as other:
        assert other.uri != milvus_server.uri
        index = Index(other.uri)
        index.create("only_here", FINGERPRINT, (5, DIMENSION))
        first = Index(milvus_server.uri)
        assert "only_here" not in first.names()
        index.close()
        first.close()


@pytest.mark.server
def test_a_server_with_passwords_refuses_who_has_none(tmp_path: Path) -> None:
    installed()
    with MilvusStandalone(tmp_path, settings={"common.security.authorizationEnabled": "true"}) as server:
        client = MilvusClient(uri=server.uri, token="root:Milvus")
        assert client.list_collections() == []
        client.close()
        with pytest.raises(MilvusException):
            MilvusClient(uri=server.uri, token="root:wrong").list_collections()


def test_an_environment_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "milvus-server").touch()
    with pytest.raises(CannotRunHere, match=r"milvus==2\.3\.5 could not be set up in"):
        Wheel(tmp_path).install()


@pytest.mark.server
def test_a_taken_port_is_refused(milvus_server: MilvusStandalone, tmp_path: Path) -> None:
    port = int(milvus_server.uri.rpartition(":")[2])
    with pytest.raises(PortTaken, match=str(port)):
        MilvusStandalone(tmp_path, port=port).start()


@pytest.mark.server
def test_a_server_that_ends_while_starting_says_where_its_log_is(tmp_path: Path) -> None:
    installed()
    server = MilvusStandalone(tmp_path, settings={"common.storageType": "nothing"}, start_timeout=60)
    with pytest.raises(StartFailed, match=r"milvus\.log"):
        server.start()
    assert server.pid is None


def test_the_environment_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_MILVUS_ENV", os.sep + "somewhere")
    assert default_environment() == Path("/somewhere")
