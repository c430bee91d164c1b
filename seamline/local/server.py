"""The local server as a context manager."""

from __future__ import annotations

import os
from dataclasses import replace
from types import TracebackType

from seamline.local.control import down, up
from seamline.local.errors import NotRunning
from seamline.local.options import Endpoints, LocalOptions


class LocalServer:
    """A server for as long as a `with` block, and no longer than the program that runs it.

        with LocalServer(LocalOptions(home=tmp_path, grpc_port=0)) as server:
            Client(server.endpoints.grpc)

    Raises on entry what `up` raises.
    """

    def __init__(self, options: LocalOptions | None = None) -> None:
        self.options = replace(options or LocalOptions(), owner_pid=os.getpid())
        self._endpoints: Endpoints | None = None

    @property
    def endpoints(self) -> Endpoints:
        """Where it answers; raises NotRunning before the `with` block."""
        if self._endpoints is None:
            raise NotRunning("the server has not been started; use it as `with LocalServer() as server:`")
        return self._endpoints

    def __enter__(self) -> LocalServer:
        self._endpoints = up(self.options)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._endpoints = None
        down(self.options.home)
