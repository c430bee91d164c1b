"""Names, passwords and certificates between this program and a real Milvus server."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.core.errors import AccessRefused, BadOption, Unavailable, wire_code
from seamline.index import Index, Security
from tests.support.certificates import authority, certificate
from tests.support.milvus_standalone import MilvusStandalone

TOKEN = "root:Milvus"
"""What a new Milvus lets in."""


@dataclasses.dataclass(frozen=True)
class Files:
    """An authority with a server's and a program's certificate, and an authority that nobody knows."""

    ca: Path
    server: Path
    client: Path
    stranger: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("certificates")
    ca = authority(folder, "ca")
    return Files(ca, certificate(folder, "server", ca), certificate(folder, "client", ca), authority(folder, "other"))


def settings(mode: int, files: Files) -> dict[str, str]:
    return {
        "common.security.authorizationEnabled": "true",
        "common.security.tlsMode": str(mode),
        "tls.serverPemPath": str(files.server),
        "tls.serverKeyPath": str(files.server.with_suffix(".key")),
        "tls.caPemPath": str(files.ca),
    }


@pytest.fixture(scope="module", params=[1, 2], ids=["server-certificate", "both-certificates"])
def guarded(request: pytest.FixtureRequest, files: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with passwords and TLS; with mode 2 it wants to see the program's certificate."""
    with MilvusStandalone(tmp_path_factory.mktemp("guarded"), settings=settings(request.param, files)) as server:
        yield server.uri


def security(files: Files, **changes: str) -> Security:
    key = str(files.client.with_suffix(".key"))
    return dataclasses.replace(Security(TOKEN, str(files.ca), str(files.client), key), **changes)


def names(uri: str, given: Security) -> list[str]:
    index = Index(uri, timeout=5.0, security=given)
    try:
        return index.names()
    finally:
        index.close()


@pytest.mark.server
def test_a_guarded_server_is_reached_and_what_is_wrong_is_said(guarded: str, files: Files) -> None:
    assert names(guarded, security(files)) == []
    elsewhere = guarded.replace("127.0.0.1", "localhost")
    assert names(elsewhere, security(files, server_name="milvus.test")) == []

    for given, uri, sentence in (
        (security(files, token="root:wrong"), guarded, "refuses the token; set SEAMLINE_MILVUS_TOKEN"),
        (security(files, token=""), guarded, "refuses the token"),
        (security(files, ca=str(files.stranger)), guarded, "SEAMLINE_MILVUS_CA"),
        (Security(TOKEN), guarded, "SEAMLINE_MILVUS_CA"),
        (security(files), elsewhere, "another host name"),
    ):
        with pytest.raises(AccessRefused, match=sentence) as caught:
            names(uri, given)
        assert "wrong" not in str(caught.value)
    with pytest.raises(Unavailable, match="https://"):
        names(guarded.replace("https", "http"), Security(TOKEN))


@pytest.mark.server
def test_a_server_that_wants_a_certificate_says_so(files: Files, guarded: str, request: pytest.FixtureRequest) -> None:
    plain = Security(TOKEN, str(files.ca))
    if "both" not in request.node.name:
        assert names(guarded, plain) == []
        return
    with pytest.raises(AccessRefused, match="SEAMLINE_MILVUS_CERT"):
        names(guarded, plain)


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Security("root:secret"))


@pytest.mark.parametrize(
    "uri",
    [
        "http://root:secret@milvus:19530",
        "root:secret@milvus:19530",
        "https://root:secret",
        "secret:19530",
        "http://secret:1:2",
        "http://secret:port",
        "http://[secret",
        "http://:19530",
        "tcp://secret:19530",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(uri: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BadOption, match="SEAMLINE_MILVUS_URI") as caught:
        Index(uri)
    assert "secret" not in str(caught.value) + caplog.text
    assert "SEAMLINE_MILVUS_TOKEN" in str(caught.value) or "http://HOST:19530" in str(caught.value)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "https://milvus/catalogues", "HTTPS://h:443", "http://[::1]:9"])
def test_addresses_that_milvus_may_have_are_taken(uri: str) -> None:
    assert Index(uri).uri == uri


def test_everything_comes_from_the_environment() -> None:
    names = ("TOKEN", "CA", "CERT", "KEY", "SERVER_NAME")
    found = Security.from_environment({f"SEAMLINE_MILVUS_{name}": name.lower() for name in names})
    assert found == Security("token", "ca", "cert", "key", "server_name")


def test_certificates_that_cannot_be_used_are_refused_at_once(files: Files, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    request = str(files.client.with_suffix(".csr"))
    for given, uri, sentence in (
        (security(files), "http://127.0.0.1:1", "begins with https://"),
        (security(files, key=""), "https://127.0.0.1:1", "belong together"),
        (security(files, ca=""), "https://127.0.0.1:1", "needs SEAMLINE_MILVUS_CA"),
        (security(files, ca=missing), "https://127.0.0.1:1", "SEAMLINE_MILVUS_CA is not a readable file"),
        (security(files, ca=request), "https://127.0.0.1:1", "SEAMLINE_MILVUS_CA is not"),
        (security(files, certificate=str(files.server)), "https://127.0.0.1:1", "not a certificate and its key"),
    ):
        with pytest.raises(BadOption, match=sentence):
            Index(uri, security=given)


def test_a_refusal_is_a_fault_of_the_service_on_the_wire() -> None:
    assert wire_code(AccessRefused("no")) == "INTERNAL"
