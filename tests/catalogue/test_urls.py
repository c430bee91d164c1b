"""Photos from URLs: a real HTTP server on this machine, which only an injected policy allows."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seamline.catalogue import Downloader, DownloadLimits, Item, Options, PhotoReader, RunContext, index_items
from seamline.catalogue.addresses import Address, is_public
from seamline.core.errors import BadPhoto
from seamline.index import Index
from tests.support.bytes_embedder import BytesEmbedder

SMALL = DownloadLimits(max_bytes=1000, seconds=20.0, redirects=2)
QUICK = DownloadLimits(max_bytes=1000, seconds=0.6, redirects=2)


class Shop(http.server.ThreadingHTTPServer):
    """Answers with what `answers` says of a path: bytes, a redirect's target, or a function of the request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, bytes | str | Callable[[Any], None]] = {}
        self.asked: list[str] = []
        self.hosts: list[str] = []
        self.pause = 0.0
        """Seconds from a connection to the first word on it."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        time.sleep(self.pause)
        super().finish_request(request, client_address)

    def handle_error(self, *args: object) -> None:
        """Clients that hang up in the middle are what some tests are about."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shop

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.hosts.append(self.headers["Host"])
        answer = self.server.answers.get(self.path)
        if callable(answer):
            answer(self)
        elif isinstance(answer, bytes):
            self._send(200, answer)
        elif answer is not None:
            self.send_response(302)
            self.send_header("Location", answer)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(404, b"")

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def anywhere(address: Address) -> bool:
    return True


def loopback_only(address: Address) -> bool:
    return str(address) == "127.0.0.1"


def fetch(url: str, allowed: Callable[[Address], bool] = anywhere, limits: DownloadLimits = SMALL) -> bytes:
    return Downloader(limits, allowed).fetch(url)


def test_a_photo_is_fetched_also_after_redirects(shop: Shop) -> None:
    shop.answers |= {"/a.jpg": b"photo", "/old": "/older", "/older": shop.url("/a.jpg")}
    assert fetch(shop.url("/a.jpg")) == b"photo"
    assert fetch(shop.url("/old")) == b"photo"


def test_odd_characters_of_a_url_are_quoted(shop: Shop) -> None:
    shop.answers["/caf%C3%A9%20%E6%97%A5.jpg?x=1%202"] = b"photo"
    assert fetch(shop.url("/café 日.jpg?x=1 2")) == b"photo"
    with pytest.raises(BadPhoto):
        fetch(shop.url("/a.jpg\r\nX-Injected: 1"))
    assert not any("Injected" in path for path in shop.asked)


def test_more_redirects_than_allowed_are_refused(shop: Shop) -> None:
    shop.answers["/loop"] = "/loop"
    with pytest.raises(BadPhoto, match="more than 2 times"):
        fetch(shop.url("/loop"))
    assert len(shop.asked) == 3


def test_a_redirect_to_a_malformed_url_is_a_bad_photo(shop: Shop) -> None:
    shop.answers["/go"] = "http://["
    with pytest.raises(BadPhoto, match="redirects to a malformed"):
        fetch(shop.url("/go"))


def test_private_addresses_are_refused_before_anything_is_sent(shop: Shop) -> None:
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0.0.0.0"):
        with pytest.raises(BadPhoto, match=r"not a public address|is not known"):
            fetch(shop.url("/a.jpg", host), is_public)
    assert shop.asked == []


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1/", "file:///etc/x"]
)
def test_redirects_to_what_is_not_allowed_are_refused(shop: Shop, target: str) -> None:
    shop.answers["/go"] = target
    begun = time.monotonic()
    with pytest.raises(BadPhoto, match=r"not a public address|not allowed"):
        fetch(shop.url("/go"), loopback_only)
    assert time.monotonic() - begun < 10  # connecting would take all of the limit


def test_the_address_that_was_checked_is_the_one_connected_to(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.answers["/a.jpg"] = b"photo"
    resolved: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        """The first answer is harmless; every later one would lead elsewhere."""
        if host != "shop.example":
            return real(host, *args, **kwargs)
        resolved.append(host)
        return real("127.0.0.1" if len(resolved) == 1 else "127.0.0.2", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert fetch(shop.url("/a.jpg", "shop.example"), loopback_only) == b"photo"
    assert resolved == ["shop.example"]
    assert shop.hosts == [f"shop.example:{shop.server_port}"]


def test_a_name_with_one_forbidden_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 80)) for text in ("1.1.1.1", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    with pytest.raises(BadPhoto, match="not a public address"):
        fetch("http://shop.example/a.jpg", is_public)


def test_large_answers_are_cut_off(shop: Shop) -> None:
    def endless(request: Any) -> None:
        request.close_connection = True
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(b"x" * 1000)

    shop.answers |= {"/stated": b"x" * 1001, "/fits": b"x" * 1000, "/endless": endless}
    assert len(fetch(shop.url("/fits"))) == 1000
    with pytest.raises(BadPhoto, match="1,001 bytes; at most 1,000"):
        fetch(shop.url("/stated"))
    with pytest.raises(BadPhoto, match="more than 1,000 bytes"):
        fetch(shop.url("/endless"))


@pytest.mark.parametrize("slow", ["silent", "dripping headers", "dripping body"])
def test_slow_answers_are_cut_off(shop: Shop, slow: str) -> None:
    done = threading.Event()

    def answer(request: Any) -> None:
        request.close_connection = True
        if slow == "silent":
            done.wait(5)
            return
        request.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if slow == "dripping body" else b"X: "))
        while not done.wait(0.05):
            request.wfile.write(b"x")

    shop.answers["/slow"] = answer
    begun = time.monotonic()
    try:
        with pytest.raises(BadPhoto, match=r"took longer than 0\.6 s|does not answer"):
            fetch(shop.url("/slow"), limits=QUICK)
    finally:
        done.set()
    assert time.monotonic() - begun < 4


def test_what_is_no_photo_is_a_sentence(shop: Shop) -> None:
    shop.answers["/cut"] = lambda request: request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
    shop.answers["/odd"] = lambda request: request.wfile.write(b"SSH-2.0\r\n")
    for path, sentence in (("/gone", "status 404"), ("/odd", "cannot be read")):
        with pytest.raises(BadPhoto, match=sentence):
            fetch(shop.url(path))
    with pytest.raises(BadPhoto, match="not known"):
        fetch("http://no-such-host.invalid/a.jpg")
    with pytest.raises(BadPhoto, match="cannot be read"):
        fetch("http://127.0.0.1:9/a.jpg")


@pytest.mark.parametrize(
    "url",
    ["ftp://h/a", "gopher://h/a", "http://", "http://user:pw@h/a", "http://h:99999/a", "http://[::1/a", "https:///a"],
)
def test_malformed_urls_are_refused(url: str) -> None:
    with pytest.raises(BadPhoto):
        fetch(url)


@pytest.fixture
def tls_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop behind TLS; every host name leads to it, and its certificate is for shop.example."""
    pem = tmp_path / "shop.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.example"
    extra = ["-addext", "subjectAltName=DNS:shop.example", "-keyout", str(pem), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    server = Shop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.server_port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_tls_is_checked_against_the_name_and_not_the_address(tls_shop: Shop) -> None:
    tls_shop.answers["/a.jpg"] = b"photo"
    assert fetch(f"https://shop.example:{tls_shop.server_port}/a.jpg", limits=DownloadLimits()) == b"photo"
    with pytest.raises(BadPhoto, match="certificate is not valid"):
        fetch(f"https://other.example:{tls_shop.server_port}/a.jpg", limits=DownloadLimits())


def test_a_time_limit_that_ends_in_the_handshake_holds(tls_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection takes its time, so that the handshake's own timeout ends after the photo's."""
    end = time.monotonic() + 5

    def drip(request: Any) -> None:
        request.close_connection = True
        request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while time.monotonic() < end:
            request.wfile.write(b"x")
            time.sleep(0.05)

    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *args: (time.sleep(0.4), connect(*args))[1])
    tls_shop.pause, tls_shop.answers["/slow"] = 0.4, drip
    begun = time.monotonic()
    with pytest.raises(BadPhoto, match=r"took longer than 0\.6 s"):
        fetch(f"https://shop.example:{tls_shop.server_port}/slow", limits=QUICK)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1",
        "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
        "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_addresses_that_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def test_photos_from_urls_are_indexed_once_and_asked_for_again_only_to_verify(shop: Shop, index: Index) -> None:
    shop.answers |= {"/a.jpg": b"a g", "/b.jpg": b"b g g", "/none.jpg": b"nobody"}
    names = ("a.jpg", "b.jpg", "none.jpg", "gone.jpg")
    source = [Item(name, shop.url(f"/{name}")) for name in names]
    context = RunContext(photos=PhotoReader(Downloader(SMALL, anywhere)))
    progress = index_items(source, BytesEmbedder(), index, "urls", context=context)
    assert (progress.indexed, progress.garments, progress.failed) == (3, 3, 1)
    shop.asked.clear()
    progress = index_items(source, BytesEmbedder(), index, "urls", context=context)
    assert (progress.skipped, shop.asked) == (3, ["/gone.jpg"])
    shop.answers["/a.jpg"] = b"other g g"
    progress = index_items(source, BytesEmbedder(), index, "urls", Options(verify=True), context)
    assert (progress.skipped, progress.replaced) == (2, 1)
    assert index.open("urls").rows() == 4
