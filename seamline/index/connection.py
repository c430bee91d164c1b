"""A connection to Milvus: Milvus Lite, standalone or a cluster, by its address."""

from __future__ import annotations

import dataclasses
import functools
import logging
import os
import threading
from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

import grpc  # type: ignore[import-untyped, unused-ignore]
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from seamline.core.grpc_threads import keep_grpc_running
from seamline.core.loopback import is_loopback_url
from seamline.index.security import Security, checked_address
from seamline.index.settings import IndexSettings
from seamline.index.translate import translated

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs a traceback for every error that is handled here

T = TypeVar("T")

DEFAULT_URI = "http://127.0.0.1:19530"
PATIENCE = 120.0
"""Seconds that a call may take which makes, writes or loads; a search has the connection's own timeout."""


class Connection:
    """One Milvus server. Nothing is connected before the first call; threads may share it."""

    def __init__(
        self,
        uri: str = DEFAULT_URI,
        token: str = "",
        timeout: float = 10.0,
        *,
        security: Security | None = None,
        settings: IndexSettings | None = None,
    ) -> None:
        """`timeout`: seconds that one call may take, with what is tried again in it. `token` goes into `security`.

        `settings`: how collections are made. Raises BadOption for an address or certificates that cannot be used.
        """
        given = security or Security()
        self.uri = checked_address(uri)
        self.settings = settings or IndexSettings()
        self._security = (dataclasses.replace(given, token=token) if token else given).checked(uri)
        self._timeout = timeout
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls, uri: str | None = None, timeout: float = 10.0) -> Self:
        """A connection with what SEAMLINE_MILVUS_... and SEAMLINE_INDEX_SETTINGS say, to `uri` where it is given.

        Raises BadOption for an address, certificates or settings that cannot be used.
        """
        return cls(
            uri or os.environ.get("SEAMLINE_MILVUS_URI") or DEFAULT_URI,
            timeout=timeout,
            security=Security.from_environment(),
            settings=IndexSettings.from_environment(),
        )

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def call(self, action: Callable[[MilvusClient], T], seconds: float | None = None) -> T:
        """Run `action` within `seconds`, by default the connection's timeout.

        Raises Unavailable, NotFound, AccessRefused or InternalError in the place of Milvus's errors.
        """
        try:
            timed = _Timed(self._connected(), self._timeout if seconds is None else seconds)
            return action(cast(MilvusClient, timed))
        except MilvusException as error:
            raise translated(error) from error
        except (OSError, ValueError, RuntimeError, grpc.RpcError) as error:
            self.close()
            raise translated(error) from error

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                keep_grpc_running()
                # Shared connections are found by address and token alone, whatever certificates they were made with.
                self._client = MilvusClient(
                    uri=self.uri,
                    timeout=self._timeout,
                    dedicated=True,
                    grpc_options=_RARE_PINGS | {"grpc.enable_http_proxy": int(not is_loopback_url(self.uri))},
                    **self._security.options(),
                )
            return self._client


_RARE_PINGS = {"grpc.keepalive_time_ms": 300_000, "grpc.keepalive_permit_without_calls": 0}
"""pymilvus pings every 10 seconds; gRPC servers, Milvus Lite among them, hang up on whoever pings before 5 minutes."""


class _Timed:
    """pymilvus's client, each call of it with a time limit; without one it tries again for minutes."""

    def __init__(self, client: MilvusClient, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        return functools.partial(getattr(self._client, name), timeout=self._seconds)
