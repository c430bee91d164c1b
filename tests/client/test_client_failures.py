from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import grpc
import pytest

from seamline.client import Client
from seamline.core.errors import (
    BadOption,
    Busy,
    DeadlineExceeded,
    InternalError,
    InvalidArgument,
    NotFound,
    SeamlineError,
    Unavailable,
    Unsupported,
)
from tests.support.wire_server import WireServer

CODE = grpc.StatusCode


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (CODE.INVALID_ARGUMENT, InvalidArgument),
        (CODE.NOT_FOUND, NotFound),
        (CODE.UNIMPLEMENTED, Unsupported),
        (CODE.INTERNAL, InternalError),
        (CODE.UNKNOWN, InternalError),
    ],
)
def test_a_code_becomes_an_error_class_and_is_not_retried(
    server: WireServer, client: Client, photo: bytes, code: grpc.StatusCode, kind: type[SeamlineError]
) -> None:
    server.failures.append((code, "in ensemble 'search', there is no collection 'x'"))
    with pytest.raises(kind) as caught:
        client.search(photo)
    assert type(caught.value) is kind
    assert str(caught.value) == "there is no collection 'x'"
    assert len(server.calls) == 1


def test_an_input_that_the_system_has_no_use_for_is_to_be_left_out(
    server: WireServer, client: Client, photo: bytes
) -> None:
    told = "[request id: 7] unexpected inference input 'GIVEN_LANDMARKS' for model 'embed_tiny'"
    server.failures.append((CODE.INVALID_ARGUMENT, told))
    with pytest.raises(InvalidArgument, match=r"takes no GIVEN_LANDMARKS: .*; leave it out"):
        client.embed(photo, landmarks=[[[1, 2, 1]]])


def test_only_the_first_line_of_a_servers_message_is_shown(server: WireServer, client: Client, photo: bytes) -> None:
    server.failures.append((CODE.INTERNAL, "in ensemble 'embed', KeyError: 'x'\n\nAt:\n  /models/a/1/model.py(4): f"))
    with pytest.raises(InternalError) as caught:
        client.embed(photo)
    assert str(caught.value) == "KeyError: 'x'"


def test_unavailable_is_retried(server: WireServer, client: Client, photo: bytes) -> None:
    server.failures.extend([(CODE.UNAVAILABLE, "Exceeds maximum queue size")] * 2)
    assert len(client.embed(photo).garments) == 1
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    "sentence",
    ["[request id: <id_unknown>] Exceeds maximum queue size", "in ensemble 'search', Request timeout expired"],
)
def test_a_full_queue_is_a_busy_server(server: WireServer, photo: bytes, sentence: str) -> None:
    server.failures.append((CODE.UNAVAILABLE, sentence))
    with Client(server.address, retries=0) as client, pytest.raises(Busy) as caught:
        client.search(photo)
    assert str(caught.value) == f"the server at {server.address} is busy and refused the request; try again in a moment"


def test_retries_end(server: WireServer, photo: bytes) -> None:
    server.failures.extend([(CODE.UNAVAILABLE, "in ensemble 'search', the index does not answer")] * 9)
    with (
        Client(server.address, retries=1) as client,
        pytest.raises(Unavailable, match=r"^the index does not answer$"),
    ):
        client.search(photo)
    assert len(server.calls) == 2


def test_a_dead_step_counts_as_unavailable(server: WireServer, client: Client, photo: bytes) -> None:
    server.failures.append(
        (CODE.INTERNAL, "in ensemble 'embed', Failed to process: Stub process 'crop_0_0' is not healthy.")
    )
    assert client.embed(photo).garments


def test_the_timeout_is_kept_and_not_retried(server: WireServer, photo: bytes) -> None:
    server.delay = 2.0
    begun = time.monotonic()
    with (
        Client(server.address, timeout=0.3) as client,
        pytest.raises(DeadlineExceeded, match=r"within 0\.3 s"),
    ):
        client.embed(photo)
    assert time.monotonic() - begun < 1.5
    assert len(server.calls) == 1


def test_the_timeout_bounds_all_attempts_together(server: WireServer, photo: bytes) -> None:
    server.failures.extend([(CODE.UNAVAILABLE, "Exceeds maximum queue size")] * 99)
    begun = time.monotonic()
    with Client(server.address, timeout=1, retries=99) as client, pytest.raises(Unavailable):
        client.embed(photo)
    assert time.monotonic() - begun < 2


def test_no_server_names_the_address_and_the_command(photo: bytes) -> None:
    with Client("127.0.0.1:9", retries=1) as client, pytest.raises(Unavailable) as caught:
        client.embed(photo)
    assert "127.0.0.1:9" in str(caught.value)
    assert "seamline up" in str(caught.value)


def test_a_server_that_comes_back_is_found_within_the_retries(photo: bytes) -> None:
    with WireServer() as first:
        port = first.port
        client = Client(first.address, retries=6, timeout=20)
        client.embed(photo)
    successor = WireServer(port=port)
    late = threading.Timer(0.5, successor.__enter__)
    late.start()
    try:
        assert client.embed(photo).garments
    finally:
        late.join()
        successor.stop()
        client.close()


def test_a_closed_client_says_so(client: Client, photo: bytes) -> None:
    client.close()
    with pytest.raises(Unavailable, match="closed"):
        client.embed(photo)


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:8001", "host:99999", "a b:80", ":8001"])
def test_an_address_must_be_host_and_port(url: str) -> None:
    with pytest.raises(BadOption, match="host:port"):
        Client(url)


def test_the_address_comes_from_the_environment_or_the_state_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path))
    monkeypatch.delenv("SEAMLINE_URL", raising=False)
    with pytest.raises(Unavailable, match="seamline up"):
        Client()
    (tmp_path / "server.json").write_text(json.dumps({"grpc": "127.0.0.1:4711"}))
    assert Client().address == "127.0.0.1:4711"
    monkeypatch.setenv("SEAMLINE_URL", "[::1]:8001")
    assert Client().address == "[::1]:8001"
    assert Client("other:1").address == "other:1"


def test_a_broken_state_file_is_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path))
    monkeypatch.delenv("SEAMLINE_URL", raising=False)
    for text in ("{", "[]", '{"grpc": 3}', "{}"):
        (tmp_path / "server.json").write_text(text)
        with pytest.raises(Unavailable, match="seamline up"):
            Client()


def test_a_system_that_is_not_served_says_what_to_do_and_is_not_asked_for_again(
    server: WireServer, photo: bytes
) -> None:
    with Client(server.address, system="psnet") as client:
        begin = time.monotonic()
        with pytest.raises(NotFound, match=r"does not serve the system 'psnet'; install it .*, or leave --system out"):
            client.search(photo)
    assert time.monotonic() - begin < 0.2


def test_an_unknown_system_is_refused_before_anything_is_sent(server: WireServer) -> None:
    with pytest.raises(BadOption, match="there is no system 'psnett'; the systems are psnet_lite, psnet"):
        Client(server.address, system="psnett")
