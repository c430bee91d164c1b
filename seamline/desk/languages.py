"""In which language a request is answered."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from seamline.desk.words import Words

LANGUAGE_COOKIE = "seamline_language"


class OwnLanguage:
    """ASGI middleware: the language that the browser's cookie names, else one that its user reads."""

    def __init__(self, app: ASGIApp, words: Words) -> None:
        self._app, self._words = app, words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `_` speak it, and note it in the request's state."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            wanted, accepted = connection.cookies.get(LANGUAGE_COOKIE), connection.headers.get("accept-language", "")
            connection.state.language = self._words.choose(wanted, accepted)
            self._words.speak(connection.state.language)
        await self._app(scope, receive, send)
