"""What every request passes: which host it names, where it comes from, how large it is; and what every answer says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seamline.core.errors import InvalidArgument, SeamlineError
from seamline.core.image import Limits
from seamline.desk.bodies import Exchange, too_large
from seamline.desk.errors import NotAllowed, http_code

_UPLOADS = re.compile(r"/api/search|/api/uploads(/.*)?")
"""Routes that take a photo; all others take some text."""

_MAX_TEXT = 262_144
_BODY_SECONDS = 120.0
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

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self._app, self._origins = app, origins
        self._hosts = frozenset(urlsplit(origin).netloc for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers for itself, or lets the request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, limit = Headers(scope=scope), _limit(scope["path"])
        answer = _with_headers(send)
        refusal = self._refusal(scope["method"], headers) or _too_large(headers, limit)
        if refusal is None:
            refusal = await self._passed(scope, Exchange(receive, answer, limit, _BODY_SECONDS))
        if refusal is not None:
            await JSONResponse({"error": str(refusal)}, http_code(refusal))(scope, receive, answer)

    async def _passed(self, scope: Scope, exchange: Exchange) -> SeamlineError | None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            if exchange.refusal is None:
                raise
        return exchange.refusal

    def _refusal(self, method: str, headers: Headers) -> SeamlineError | None:
        if headers.get("host", "").lower() not in self._hosts:
            return InvalidArgument("the desk is not known by this host name; its operator names it with --origin")
        if method not in _SAFE and headers.get("origin") not in self._origins:
            return NotAllowed("changes are taken from the desk's own pages only")
        if _used_elsewhere(headers):
            return NotAllowed("pages of others may link to the desk, but hold nothing of it")
        return None


def _used_elsewhere(headers: Headers) -> bool:
    """Whether a page of another site, or of another port of this machine, wants this for itself."""
    own = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not own and not opened


def _limit(path: str) -> int:
    return Limits().max_bytes if _UPLOADS.fullmatch(path) else _MAX_TEXT


def _too_large(headers: Headers, limit: int) -> SeamlineError | None:
    given = headers.get("content-length", "0")
    few = len(given) <= len(str(limit)) and given.isdecimal() and int(given) <= limit
    return None if few else too_large(limit)


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
