"""The Triton server as a supervised process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tritonclient import grpc as triton
from tritonclient.utils import InferenceServerException

import seamline
from seamline.local import canary
from seamline.local.canary import Canary, Outcome
from seamline.local.carrier import Carrier, build_backends
from seamline.local.folder import StateFolder
from seamline.local.options import Endpoints, LocalOptions
from seamline.local.process import MARK, kill_marked, remove_shared_memory, spawn
from seamline.local.reload import reload_models
from seamline.local.repository import model_folders
from seamline.local.service import Service
from seamline.local.stubs import StubWatch

EXIT_TIMEOUT = 8
"""Seconds that Triton waits for running requests when it is told to stop; its own default is 30."""

_CANARY_TIMEOUT = 8.0
_FAILURES_ALLOWED = 2


@dataclass(frozen=True)
class TritonLaunch:
    """Everything that the command line and the environment of the server are made from."""

    options: LocalOptions
    endpoints: Endpoints
    folder: StateFolder

    @property
    def ensembles(self) -> list[str]:
        """The models to load; their steps come with them."""
        return [folder.name for folder in model_folders(self.options.ensembles)]

    def command(self, carrier: Carrier) -> list[str]:
        """The command line. Every setting that a config leaves open would be asked from an extra process per
        model at each start, which takes longer than everything else; the configs are complete instead."""
        command = [str(carrier.server), f"--backend-directory={self.folder.backends}"]
        for repository in (self.options.model_repository, self.options.ensembles):
            command.append(f"--model-repository={repository.resolve()}")
        command.append("--model-control-mode=explicit")
        command += [f"--load-model={name}" for name in self.ensembles]
        for kind in ("grpc", "http", "metrics"):
            address, _, port = str(getattr(self.endpoints, kind)).rpartition(":")
            command += [f"--{kind}-address={address}", f"--{kind}-port={port}"]
        return [
            *command,
            "--disable-auto-complete-config",
            "--allow-gpu-metrics=false",
            "--pinned-memory-pool-byte-size=0",
            f"--exit-timeout-secs={EXIT_TIMEOUT}",
            f"--backend-config=python,shm-region-prefix-name={self.folder.shared_memory_prefix}",
        ]

    def environment(self, carrier: Carrier) -> dict[str, str]:
        """The environment of the server, and through it of every stub."""
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ}
        # The interpreter's own folders come first: the stub takes the first libpython and the first
        # `python3` that it finds, and another one's would be silently wrong.
        libraries = [str(carrier.libraries), str(sysconfig.get_config_var("LIBDIR"))]
        _prepend(environment, "LD_LIBRARY_PATH", *libraries)
        _prepend(environment, "PATH", str(Path(sys.executable).parent))
        _prepend(environment, "PYTHONPATH", str(Path(seamline.__file__).resolve().parents[1]))
        return {
            **environment,
            MARK: str(self.folder.home),
            "SEAMLINE_HOME": str(self.folder.home),
            "SEAMLINE_MILVUS_URI": self.endpoints.milvus,
            "SEAMLINE_STUB_NUMPY": "1",
            "CUDA_VISIBLE_DEVICES": "",
        }


class TritonService(Service):
    """Triton with both repositories; its health is a canary inference and a look at the steps' processes."""

    name = "triton"

    def __init__(self, launch: TritonLaunch, report: Callable[[str, str], None]) -> None:
        super().__init__(launch.folder.log("triton"), launch.options.start_timeout, report)
        self._launch = launch
        self._client: triton.InferenceServerClient | None = None
        self._watch = StubWatch(0)
        self._canary_at = 0.0
        self._failed_canaries = 0
        self._answers_before = -1
        self.canary: Canary | None = None

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server after removing what a killed one left: stubs and shared memory."""
        self.clean()
        carrier = Carrier.find()
        build_backends(carrier, self._launch.folder.backends)
        process = spawn(
            self._launch.command(carrier), self._launch.environment(carrier), self.log, signal.SIGTERM
        )
        self._watch = StubWatch(process.pid)
        self._failed_canaries = 0
        return process

    def first_answer(self) -> bool:
        """The canary comes back."""
        client = canary.connect(self._launch.endpoints.grpc)
        try:
            if not client.is_server_ready(client_timeout=1.0):
                return False
        except InferenceServerException:
            # A channel that was refused once waits ever longer before it tries again, so it is thrown away.
            client.close()
            return False
        self._client = client
        self._watch.dead_models()
        self._send_canary()
        return self.canary is not None and self.canary.outcome is Outcome.ANSWERED

    def check(self) -> str | None:
        """Reloads models whose stub died; sends a canary every few seconds."""
        dead = self._watch.dead_models()
        if not dead and time.monotonic() - self._canary_at < self._launch.options.health_interval:
            return None
        if dead:
            return self._revive(dead)
        result = self._send_canary()
        if result.outcome is Outcome.DEAD_STEP:
            return self._revive({result.model})
        return self._judge(result)

    def ask_to_stop(self) -> None:
        """SIGTERM lets running requests end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def clean(self) -> None:
        """Kills stubs that outlived their server and removes its shared memory."""
        stubs = _stubs_of_dead_servers(self._launch.folder.home)
        if stubs:
            kill_marked(self._launch.folder.home, spare=_others(self._launch.folder.home, stubs))
        remove_shared_memory(self._launch.folder.shared_memory_prefix)

    def is_cause(self, line: str) -> bool:
        """Triton's last word before it gives up."""
        return line.startswith(("error:", "load failed")) or "failed to load" in line
