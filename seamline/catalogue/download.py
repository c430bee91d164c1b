"""Photos from URLs, which a manifest names and its author may have chosen with ill will.

A name is resolved once per request; every address that it has must be allowed, and the connection goes to the address
that was checked, so that no second answer of the DNS comes in between. Redirects are followed by hand under the same
rules. Proxies of the environment are not used: behind one, nobody here could tell which address is reached.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seamline.catalogue.addresses import Address, is_public
from seamline.core.errors import BadPhoto

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 16
_HEADERS = {"User-Agent": "seamline", "Accept": "image/jpeg, image/png, image/webp", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class DownloadLimits:
    """Bytes of a photo, seconds for it from the first connection to the last byte, redirects on the way."""

    max_bytes: int = 20_000_000
    seconds: float = 20.0
    redirects: int = 3


@dataclass(frozen=True)
class _Target:
    """A parsed URL: where to connect and what to ask for."""

    scheme: str
    host: str
    port: int
    path: str
    host_header: str


class Downloader:
    """Fetches photos from URLs whose every address `allowed` accepts. May be shared between threads."""

    def __init__(self, limits: DownloadLimits = DownloadLimits(), allowed: Callable[[Address], bool] = is_public):
        self._limits = limits
        self._allowed = allowed
        self._tls = ssl.create_default_context()

    def fetch(self, url: str) -> bytes:
        """The bytes behind `url`. Raises BadPhoto when it is not allowed, or there is no photo within the limits."""
        deadline = time.monotonic() + self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            found = self._get(_parsed(url), deadline)
            if isinstance(found, bytes):
                return found
            url = _redirected(url, found)
        raise BadPhoto(f"the URL redirects more than {self._limits.redirects} times")

    def _get(self, target: _Target, deadline: float) -> bytes | str:
        """The bytes, or where a redirect leads."""
        address = self._address(target)
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow()
        connection = _Pinned(target, address, left, self._tls if target.scheme == "https" else None)
        with contextlib.closing(connection), _ended_after(left, connection) as is_over:
            try:
                connection.request("GET", target.path, headers={**_HEADERS, "Host": target.host_header})
                return self._answer(connection.getresponse(), is_over)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if is_over():
                    raise self._too_slow() from None
                raise BadPhoto(f"{target.host} cannot be read: {_reason(error)}") from None

    def _address(self, target: _Target) -> str:
        """The one address to connect to. Raises BadPhoto unless all addresses of the name are allowed."""
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise BadPhoto(f"the host {target.host!r} is not known") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(self._allowed(ipaddress.ip_address(text)) for text in addresses):
            raise BadPhoto(f"the URL leads to {target.host}, which is not a public address")
        return addresses[0]

    def _answer(self, response: http.client.HTTPResponse, is_over: Callable[[], bool]) -> bytes | str:
        if response.status in _REDIRECTS:
            location = response.headers.get("Location")
            if not location:
                raise BadPhoto("the URL redirects to nowhere")
            return location
        if response.status != 200:
            raise BadPhoto(f"the URL answers with status {response.status}")
        return self._body(response, is_over)

    def _body(self, response: http.client.HTTPResponse, is_over: Callable[[], bool]) -> bytes:
        most = self._limits.max_bytes
        stated = response.headers.get("Content-Length") or ""
        if stated.isdecimal() and int(stated) > most:
            raise BadPhoto(f"the photo has {int(stated):,} bytes; at most {most:,} are fetched")
        data = bytearray()
        while chunk := response.read1(_CHUNK):  # `read` would wait for all of a chunk, however slowly it comes
            data += chunk
            if is_over():
                raise self._too_slow()
            if len(data) > most:
                raise BadPhoto(f"the photo has more than {most:,} bytes, which is the most that is fetched")
        if is_over():
            raise self._too_slow()
        return bytes(data)

    def _too_slow(self) -> BadPhoto:
        return BadPhoto(f"the URL took longer than {self._limits.seconds:g} s")


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address that speaks, and is certified, under the URL's own host name."""

    def __init__(self, target: _Target, address: str, seconds: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._checked_address, self._tls = address, tls
        self._socket: socket.socket | None = None
        self._is_cut = False

    def connect(self) -> None:
        """Connect to the address that was checked, not to what the name means by now. Raises TimeoutError once cut."""
        self._use(socket.create_connection((self._checked_address, self.port), self.timeout))
        if self._tls is not None:
            tls = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._use(tls)
            tls.do_handshake()

    def _use(self, opened: socket.socket) -> None:
        """`cut` ends this one from now on; a cut that came before it is noticed here."""
        self.sock = self._socket = opened
        if self._is_cut:
            raise TimeoutError

    def cut(self) -> None:
        """End what another thread waits for on this connection, and whatever it would open next."""
        self._is_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # an SSLSocket's own would drop its TLS state


@contextlib.contextmanager
def _ended_after(seconds: float, connection: _Pinned) -> Iterator[Callable[[], bool]]:
    """Cut the connection when the time is over, whatever it does: a socket's own timeout begins anew at every byte."""
    over = threading.Event()

    def end() -> None:
        over.set()
        connection.cut()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over.is_set
    finally:
        timer.cancel()


def _redirected(url: str, location: str) -> str:
    try:
        return urllib.parse.urljoin(url, location)
    except ValueError:
        raise BadPhoto("the URL redirects to a malformed one") from None


def _parsed(url: str) -> _Target:
    """Raises BadPhoto unless the URL is http or https with a host and nothing odd."""
    if not url.isprintable():
        raise BadPhoto("the URL has control characters")
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadPhoto("the URL is malformed") from None
    if parts.scheme not in _PORTS:
        raise BadPhoto(f"URLs of the scheme {parts.scheme[:20]!r} are not allowed; http and https are")
    if not host:
        raise BadPhoto("the URL names no host")
    if parts.username is not None or parts.password is not None:
        raise BadPhoto("a URL with a user name or password is not allowed; it would become part of the index")
    path = urllib.parse.quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return _Target(
        scheme=parts.scheme,
        host=_ascii(host),
        port=port if port is not None else _PORTS[parts.scheme],
        path=f"{path}?{query}" if query else path,
        host_header=_ascii(parts.netloc),
    )


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise BadPhoto("the URL's host name is malformed") from None


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(error).__name__
