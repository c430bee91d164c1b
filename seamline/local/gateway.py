"""The gateway as a supervised process: what clients of the local server speak to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import grpc  # type: ignore[import-untyped, unused-ignore]

from seamline.gateway.settings import GatewaySettings
from seamline.local.folder import StateFolder
from seamline.local.options import Endpoints
from seamline.local.process import spawn, supervised_environment
from seamline.local.service import Service

_ASK_EVERY, _TIMEOUT, _SILENT_FOR = 2.0, 2.0, 10.0


class GatewayService(Service):
    """`python -m seamline.gateway` in front of Triton, on loopback and so without TLS and tokens."""

    name = "gateway"

    def __init__(
        self, endpoints: Endpoints, folder: StateFolder, start_timeout: float, report: Callable[[str, str], None]
    ) -> None:
        super().__init__(folder.log(self.name), start_timeout, report)
        self._settings = GatewaySettings(listen=endpoints.grpc, triton=endpoints.triton)
        self._folder = folder
        self._asked = self._answered = time.monotonic()

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the program in the state folder."""
        command = [sys.executable, "-m", "seamline.gateway", self._settings.to_json()]
        environment = {**os.environ, **supervised_environment(self._folder.home, self.name), "PYTHONUNBUFFERED": "1"}
        return spawn(command, environment, self._folder.home, self.log, signal.SIGTERM)

    def is_ready(self) -> bool:
        """It answers for itself; whether Triton does is not its health."""
        self._asked = time.monotonic()
        if not self._is_serving():
            return False
        self._answered = self._asked
        return True

    def check(self) -> str | None:
        """Asks every few seconds; silence needs a new process."""
        now = time.monotonic()
        if now - self._asked < _ASK_EVERY:
            return None
        if self.is_ready():
            return None
        silence = now - self._answered
        return f"the gateway has not answered for {silence:.0f} s" if silence > _SILENT_FOR else None

    def request_stop(self) -> None:
        """SIGTERM lets running requests end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def exit_reason(self, log: str) -> str:
        """The last line of a Python traceback."""
        errors = [line.strip() for line in log.splitlines() if "Error: " in line or "BadOption: " in line]
        return errors[-1] if errors else ""

    def _is_serving(self) -> bool:
        from seamline.gateway.service import HEALTH, OWN_NAME, SERVING

        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self._settings.listen, options=options) as channel:
            try:
                return bool(channel.unary_unary(f"/{HEALTH}/Check")(OWN_NAME, timeout=_TIMEOUT) == SERVING)
            except grpc.RpcError:
                return False
