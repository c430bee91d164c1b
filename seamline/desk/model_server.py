"""The server of models, through the SDK."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from seamline.client import Client
from seamline.client.address import server_address
from seamline.core.errors import SeamlineError

T = TypeVar("T")
_SECONDS = 30.0
_SOON = 3.0


class ModelServer:
    """One client for all requests, which follows a local server that was started again at another address.

    `bulk`: the requests can wait while the server is busy.
    """

    def __init__(self, url: str | None = None, *, bulk: bool = False) -> None:
        self._url, self._bulk = url, bulk
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._address = ""

    def ask(self, question: Callable[[Client], T]) -> T:
        """What the client answers. Raises what the client raises: Unavailable where no server is there."""
        return question(self._current())

    def answers(self) -> bool:
        """Whether a photo is answered just now."""
        try:
            with Client(self._url, timeout=_SOON, retries=0) as client:
                return client.ready()
        except SeamlineError:
            return False

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _current(self) -> Client:
        address = server_address(self._url)
        with self._lock:
            if self._client is None or address != self._address:
                self._client, self._address = self._connected(), address
            return self._client

    def _connected(self) -> Client:
        return Client(self._url, timeout=_SECONDS, retries=2, bulk=self._bulk)
