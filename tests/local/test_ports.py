from __future__ import annotations

import socket
from dataclasses import astuple

import pytest

from seamline.local import LocalOptions, PortTaken, ports


@pytest.fixture
def listener():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_free_ports_differ_and_lie_below_those_of_outgoing_connections() -> None:
    for _ in range(20):
        chosen = astuple(ports.choose(LocalOptions(grpc_port=0, metrics_port=0, milvus_port=0)))
        numbers = {int(address.rpartition(":")[2]) for address in chosen if not address.startswith("unix:")}
        assert len(numbers) == 3
        assert all(20_000 <= number < 32_768 for number in numbers)


def test_free_ports_are_different() -> None:
    assert len(set(ports.free_ports(12))) == 12


def test_a_port_that_was_asked_for_is_given() -> None:
    port = int(ports.choose(LocalOptions(grpc_port=0)).grpc.rpartition(":")[2])
    assert ports.choose(LocalOptions(grpc_port=port)).grpc == f"127.0.0.1:{port}"


def test_a_listener_that_shares_its_port_is_seen(listener: int) -> None:
    assert not ports.is_free(listener)
    with pytest.raises(PortTaken, match=f"port {listener}, asked for as milvus port"):
        ports.choose(LocalOptions(milvus_port=listener))


def test_the_usual_port_gives_way_when_it_is_taken(listener: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ports.USUAL, "grpc", listener)
    assert ports.choose(LocalOptions()).grpc != f"127.0.0.1:{listener}"


def test_a_port_asked_for_is_not_given_to_another_part(monkeypatch: pytest.MonkeyPatch) -> None:
    free = int(ports.choose(LocalOptions(grpc_port=0)).grpc.rpartition(":")[2])
    monkeypatch.setitem(ports.USUAL, "grpc", free)
    chosen = ports.choose(LocalOptions(milvus_port=free))
    assert chosen.milvus == f"http://127.0.0.1:{free}"
    assert chosen.grpc != f"127.0.0.1:{free}"
