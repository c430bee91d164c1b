"""Time stamps by an authority (RFC 3161): asked for over HTTP, and read again from a case file."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from seamline.core.errors import BadOption, Unavailable
from seamline.core.extras import requires_extra
from seamline.desk.casefile.stamps import read_stamp

_LARGEST_ANSWER = 1 << 20
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


@dataclass(frozen=True)
class Timestamper:
    """An authority by its http or https address; `timeout` in seconds. Raises BadOption for another address."""

    url: str
    timeout: float = 20.0

    def __post_init__(self) -> None:
        if not _is_http(self.url):
            raise BadOption("the address of a time stamp authority begins with http:// or https:// and names a host")

    @property
    def host(self) -> str:
        """The authority's host, without what the address may hold beside it."""
        return urlsplit(self.url).hostname or ""

    def stamp(self, data: bytes) -> bytes:
        """The authority's answer about the SHA-256 of the data.

        Raises Unavailable where it gives none that fits, Unsupported where a package is missing.
        """
        with requires_extra("desk", "time stamps"):
            from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
        request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = self._ask(request.as_bytes())
        try:
            read_stamp(answer, data, nonce=request.nonce)
        except ValueError as error:
            raise Unavailable(f"the time stamp authority {self.host} gave no time stamp: {error}") from error
        return answer

    def _ask(self, body: bytes) -> bytes:
        request = urllib.request.Request(self.url, body, _HEADERS)
        until = time.monotonic() + self.timeout
        try:
            with _opener().open(request, timeout=self.timeout) as response:
                return _bounded(response, until)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unavailable(f"the time stamp authority {self.host} does not answer: {_reason(error)}") from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Asks again at the new address, three times at most: a time stamp is asked for by POST only."""

    max_redirections = 3

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request:
        if not _is_http(newurl):
            raise urllib.error.URLError("it sends to an address that is neither http nor https")
        return urllib.request.Request(newurl, req.data, _HEADERS)


def _opener() -> urllib.request.OpenerDirector:
    """For http and https alone; urllib's own would read files and FTP as well."""
    made = urllib.request.OpenerDirector()
    handlers = (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    )
    for handler in handlers:
        made.add_handler(handler)
    return made


def _is_http(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _bounded(response: http.client.HTTPResponse, until: float) -> bytes:
    data = bytearray()
    while piece := response.read1(1 << 16):
        data += piece
        if len(data) > _LARGEST_ANSWER:
            raise ValueError(f"its answer has more than {_LARGEST_ANSWER:,} bytes")
        if time.monotonic() > until:
            raise TimeoutError("it took too long")
    return bytes(data)


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return (cause.strerror if isinstance(cause, OSError) else None) or str(cause) or type(cause).__name__
