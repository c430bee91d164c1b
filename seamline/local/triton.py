"""The Triton server as a supervised process."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable

from tritonclient import grpc as triton
from tritonclient.utils import InferenceServerException

from seamline.local.canary import Canary, connect
from seamline.local.launch import TritonLaunch
from seamline.local.plain_paths import plain_folder, prepare
from seamline.local.process import keep_private, kill_supervised, remove_shared_memory, spawn
from seamline.local.repository import compile_steps
from seamline.local.service import Service
from seamline.local.socket_file import SOCKET_FILE
from seamline.local.triton_health import TritonHealth
from seamline.local.triton_wheel import TritonWheel, build_backends

_CAUSES = (
    re.compile(r"Poll failed for model directory (?P<why>.+)"),
    re.compile(r"failed to load (?P<why>'.+' version \d+: .+)"),
    re.compile(r"^error: (?P<why>.+)", re.MULTILINE),
)


class TritonService(Service):
    """Triton with both repositories; ready when it has answered a canary."""

    name = "triton"

    def __init__(self, launch: TritonLaunch, report: Callable[[str, str], None]) -> None:
        super().__init__(launch.folder.log("triton"), launch.options.start_timeout, report)
        self._launch = launch
        self._health: TritonHealth | None = None
        self._reloads = 0

    @property
    def canary(self) -> Canary | None:
        """The last one, None before the first."""
        return self._health.canary if self._health else None

    @property
    def reloads(self) -> int:
        """How many times models were brought back without a restart."""
        return self._reloads + (self._health.reloads if self._health else 0)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server after removing what a killed one left: stubs and shared memory."""
        self._forget_health()
        self.clean()
        wheel = TritonWheel.find()
        build_backends(wheel, self._launch.folder.backends)
        compile_steps(self._launch.options.model_repository)
        command, environment = self._launch.command(wheel), self._launch.environment(wheel)
        return spawn(command, environment, self._launch.working_folder, self.log, signal.SIGTERM)

    def is_ready(self) -> bool:
        """The canary comes back; NeverReady when it fails again and again on a server that is ready."""
        if self._health is None:
            client = self._ready_client()
            if client is None or self.process is None:
                return False
            self._health = TritonHealth(client, self.process.pid, self._launch, self._say)
        keep_private(self._launch.folder.shared_memory_prefix)
        return self._health.is_ready()

    def check(self) -> str | None:
        """See TritonHealth."""
        keep_private(self._launch.folder.shared_memory_prefix)
        return self._health.check() if self._health else None

    def request_stop(self) -> None:
        """SIGTERM lets running requests end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def clean(self) -> None:
        """Kills stubs that outlived their server and removes its shared memory."""
        kill_supervised(self._launch.folder.home, self.name)
        remove_shared_memory(self._launch.folder.shared_memory_prefix)
        prepare(self._launch.folder, self._launch.paths)
        (plain_folder(self._launch.folder) / SOCKET_FILE).unlink(missing_ok=True)

    def exit_reason(self, log: str) -> str:
        """The first reason that Triton gives: what follows is only its consequence."""
        found = (pattern.search(log) for pattern in _CAUSES)
        return next((match["why"].strip().rstrip('"') for match in found if match), "")

    def _ready_client(self) -> triton.InferenceServerClient | None:
        client = connect(self._launch.endpoints.triton)
        try:
            if client.is_server_ready(client_timeout=1.0):
                return client
        except InferenceServerException:
            pass
        # A channel that was refused once waits ever longer before it tries again, so it is thrown away.
        client.close()
        return None

    def _forget_health(self) -> None:
        if self._health is not None:
            self._reloads += self._health.reloads
            self._health.close()
            self._health = None

    def _say(self, sentence: str) -> None:
        self._report(self.name, sentence)
