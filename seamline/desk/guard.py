"""What every request passes: which host it names, where it comes from, how large it is; and what every answer says."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seamline.core.errors import BadOption
from seamline.core.image import Limits
from seamline.desk.errors import TooLarge
from seamline.desk.settings import DeskSettings

UPLOAD_PATHS = ("/api/search", "/api/uploads")
"""Routes that take a photo; all others take some text."""

_MAX_TEXT = 262_144
_SAFE = frozenset({"GET", "HEAD"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware. A page of another site can neither name the desk by a host of its own nor send it changes."""

    def __init__(self, app: ASGIApp, settings: DeskSettings) -> None:
        self._app = app
        self._origins = own_origins(settings)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in self._origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers for itself, or lets the request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, limit = Headers(scope=scope), _limit(scope["path"])
        refused = self._refused(scope["method"], headers) or _too_large(headers, limit)
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        await self._app(scope, _bounded(receive, limit), _with_headers(send))

    def _refused(self, method: str, headers: Headers) -> JSONResponse | None:
        if headers.get("host", "") not in self._hosts:
            return _error(400, "the desk is not known by this host name; its operator names it with --origin")
        if method not in _SAFE and headers.get("origin") not in self._origins:
            return _error(403, "changes are taken from the desk's own pages only")
        return None


def own_origins(settings: DeskSettings) -> frozenset[str]:
    """How browsers may name the desk. Raises BadOption where it is reached from outside and nobody has said how."""
    host, _, port = settings.listen.rpartition(":")
    here = {f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    if settings.origin is not None:
        return frozenset({_origin(settings.origin)} | (here if is_loopback(host) else set()))
    if not is_loopback(host):
        raise BadOption("say how browsers reach the desk with --origin, such as https://desk.example.com")
    return frozenset(here)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    bare = host.strip("[]")
    try:
        return bare == "localhost" or ip_address(bare).is_loopback
    except ValueError:
        return False


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise BadOption(f"--origin {text!r} is not an origin such as https://desk.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _limit(path: str) -> int:
    return Limits().max_bytes if path.startswith(UPLOAD_PATHS) else _MAX_TEXT


def _too_large(headers: Headers, limit: int) -> JSONResponse | None:
    given = headers.get("content-length", "0")
    return _error(413, _sentence(limit)) if given.isdecimal() and int(given) > limit else None


def _sentence(limit: int) -> str:
    return f"that is too large; at most {limit:,} bytes are taken"


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body without a length is counted while it comes."""
    left = limit

    async def receive_at_most() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge(_sentence(limit))
        return message

    return receive_at_most


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            _add(MutableHeaders(scope=message), _HEADERS.items())
        await send(message)

    return send_with_headers


def _add(headers: MutableHeaders, more: Iterable[tuple[str, str]]) -> None:
    for name, value in more:
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


def _error(code: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, code)
