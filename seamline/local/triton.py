"""The Triton server as a supervised process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

from tritonclient import grpc as triton
from tritonclient.utils import InferenceServerException

from seamline.local import canary
from seamline.local.canary import Canary, Outcome
from seamline.local.carrier import Carrier, build_backends
from seamline.local.launch import TritonLaunch
from seamline.local.process import kill_marked, remove_shared_memory, shared_memory_files, spawn
from seamline.local.reload import reload_models
from seamline.local.service import GaveUp, Service
from seamline.local.stubs import StubWatch, read_stub

_CANARY_TIMEOUT = 8.0
_FAILURES_ALLOWED = 2
_FIRST_CANARIES = 3
_UNLOAD_GRACE = 10.0
_CAUSES = (
    re.compile(r"Poll failed for model directory (?P<why>.+)"),
    re.compile(r"failed to load (?P<why>'.+' version \d+: .+)"),
    re.compile(r"^error: (?P<why>.+)", re.MULTILINE),
)


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
        self.reloads = 0
        self._doomed: dict[int, float] = {}

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server after removing what a killed one left: stubs and shared memory."""
        self.clean()
        carrier = Carrier.find()
        build_backends(carrier, self._launch.folder.backends)
        command, environment = self._launch.command(carrier), self._launch.environment(carrier)
        process = spawn(command, environment, self._launch.working_folder, self.log, signal.SIGTERM)
        self._watch = StubWatch(process.pid)
        self._failed_canaries = 0
        self._client = None
        self._doomed = {}
        return process

    def first_answer(self) -> bool:
        """The canary comes back; GaveUp when it fails again and again on a server that is ready."""
        if self._client is None:
            self._client = self._ready_client()
        if self._client is None:
            return False
        result = self._send_canary()
        if result.outcome is Outcome.ANSWERED:
            self._watch.dead_models()
            return True
        self._failed_canaries += 1
        if self._failed_canaries >= _FIRST_CANARIES:
            raise GaveUp(f"the first inference fails: {result.reason}")
        return False

    def check(self) -> str | None:
        """Reloads models whose stub died; sends a canary every few seconds."""
        self._end_doomed()
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
        kill_marked(self._launch.folder.home, self.name)
        remove_shared_memory(self._launch.folder.shared_memory_prefix)

    def cause(self, log: str) -> str:
        """The first reason that Triton gives: what follows is only its consequence."""
        found = (pattern.search(log) for pattern in _CAUSES)
        return next((match["why"].strip().rstrip('"') for match in found if match), "")

    def _ready_client(self) -> triton.InferenceServerClient | None:
        client = canary.connect(self._launch.endpoints.grpc)
        try:
            if client.is_server_ready(client_timeout=1.0):
                return client
        except InferenceServerException:
            pass
        # A channel that was refused once waits ever longer before it tries again, so it is thrown away.
        client.close()
        return None

    def _send_canary(self) -> Canary:
        assert self._client is not None
        self.canary = canary.send(self._client, _CANARY_TIMEOUT)
        self._canary_at = time.monotonic()
        if self.canary.outcome is Outcome.ANSWERED:
            self._failed_canaries = 0
        return self.canary

    def _revive(self, models: set[str]) -> str | None:
        """Reloads the models; a sentence when that did not help."""
        names = ", ".join(sorted(models))
        self._report(self.name, f"a process of {names} died; reloading")
        assert self._client is not None
        start = time.monotonic()
        replaced = self._watch.dismiss(models)
        try:
            reload_models(self._client, models)
        except InferenceServerException as error:
            return f"{names} could not be loaded again: {error.message()}"
        result = self._send_canary()
        if result.outcome is not Outcome.ANSWERED:
            return f"after reloading {names} the canary failed: {result.reason}"
        self.reloads += 1
        self._doomed |= dict.fromkeys(replaced, time.monotonic() + _UNLOAD_GRACE)
        self._drop_unused_shared_memory()
        self._report(self.name, f"reloaded {names} in {time.monotonic() - start:.1f} s")
        return None

    def _end_doomed(self) -> None:
        """Kills replaced processes that hang and so cannot be ended by Triton."""
        now = time.monotonic()
        for pid in [pid for pid, deadline in self._doomed.items() if deadline < now]:
            del self._doomed[pid]
            if (stub := read_stub(pid)) is not None and self._watch.knows(stub):
                os.kill(pid, signal.SIGKILL)

    def _judge(self, result: Canary) -> str | None:
        """Whether failed canaries mean a server that hangs, or one that is merely busy."""
        if result.outcome is Outcome.ANSWERED:
            return None
        answers = self._answers()
        busy = answers is not None and answers > self._answers_before >= 0
        self._answers_before = -1 if answers is None else answers
        self._failed_canaries = 1 if busy else self._failed_canaries + 1
        self._report(self.name, f"the canary failed: {result.reason}")
        return f"the canary failed: {result.reason}" if self._failed_canaries >= _FAILURES_ALLOWED else None

    def _answers(self) -> int | None:
        """How many requests the server has answered so far, by its own count."""
        assert self._client is not None
        try:
            statistics = self._client.get_inference_statistics(client_timeout=2.0)
        except InferenceServerException:
            return None
        return int(sum(model.inference_stats.success.count for model in statistics.model_stats))

    def _drop_unused_shared_memory(self) -> None:
        self._watch.dead_models()
        used = {stub.shared_memory for stub in self._watch.live()}
        for file in shared_memory_files(self._launch.folder.shared_memory_prefix):
            if file.name not in used:
                file.unlink(missing_ok=True)
