"""Looking after one running Triton: canaries, dead and hanging step processes, and what they leave.

Nothing here waits, except for a model that is being loaded anew: a canary is sent by one call and judged by
a later one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable

from tritonclient import grpc as triton
from tritonclient.utils import InferenceServerException

from seamline.local.canary import Canary, CanaryRequest, Outcome
from seamline.local.launch import TritonLaunch
from seamline.local.process import shared_memory_files
from seamline.local.reload import reload_models
from seamline.local.service import NeverReady
from seamline.local.stubs import StubWatch, read_stub

_CANARY_TIMEOUT = 8.0
_FAILURE_THRESHOLD = 2
_STARTUP_FAILURE_THRESHOLD = 3
_UNLOAD_GRACE = 10.0
_LOAD_TIMEOUT = 60.0


class TritonHealth:
    """The health of the server process `pid` that was started by `launch`, asked through `client`."""

    def __init__(
        self, client: triton.InferenceServerClient, pid: int, launch: TritonLaunch, report: Callable[[str], None]
    ) -> None:
        self.canary: Canary | None = None
        self.reloads = 0
        self._client = client
        self._launch = launch
        self._ensembles = launch.ensembles
        self._report = report
        self._watch = StubWatch(pid)
        self._request: CanaryRequest | None = None
        self._next_canary = 0.0
        self._failures = 0
        self._completed_before = -1
        self._replaced: dict[int, float] = {}

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def is_ready(self) -> bool:
        """Whether a canary has come back; NeverReady after three that failed."""
        result = self._poll_canary()
        if result is None:
            return False
        if result.outcome is Outcome.ANSWERED:
            self._load_beside()
            self._watch.dead_models()
            return True
        self._failures += 1
        if self._failures >= _STARTUP_FAILURE_THRESHOLD:
            raise NeverReady(f"the first inference fails: {result.reason}")
        return False

    def _load_beside(self) -> None:
        """Serve the systems beside the default one; one that cannot be loaded is reported and left out."""
        for name in self._launch.ensembles_beside:
            try:
                self._client.load_model(name, client_timeout=_LOAD_TIMEOUT)
                self._ensembles.append(name)
            except InferenceServerException as error:
                self._report(f"{name} is not served: {str(error.message()).splitlines()[0]}")

    def check(self) -> str | None:
        """Reload models of which a process died, send and judge canaries; a sentence when a restart is needed."""
        self._kill_replaced()
        dead = self._watch.dead_models()
        if dead:
            return self._reload(dead)
        result = self._poll_canary()
        if result is None:
            return None
        if result.outcome is Outcome.DEAD_STEP:
            return self._reload({result.model})
        return self._assess(result)

    def _poll_canary(self) -> Canary | None:
        """The result of a canary that has just come back; sends the next one when it is time."""
        if self._request is None:
            if time.monotonic() >= self._next_canary:
                self._request = CanaryRequest(self._client, _CANARY_TIMEOUT)
            return None
        result = self._request.result()
        if result is not None:
            self._request = None
            self.canary = result
            told = result.outcome in (Outcome.ANSWERED, Outcome.BUSY)
            self._next_canary = time.monotonic() + (self._launch.options.health_interval if told else 0.0)
        return result

    def _assess(self, result: Canary) -> str | None:
        """Whether failed canaries mean a server that hangs, or one that is merely busy."""
        if result.outcome is Outcome.ANSWERED:
            self._failures = 0
            return None
        answers = self._completed_requests()
        busy = answers is not None and answers > self._completed_before >= 0
        self._completed_before = -1 if answers is None else answers
        self._failures = 1 if busy else self._failures + 1
        self._report(f"the canary failed: {result.reason}")
        return f"the canary failed: {result.reason}" if self._failures >= _FAILURE_THRESHOLD else None

    def _completed_requests(self) -> int | None:
        """How many requests have gone through a whole ensemble so far, by the server's own count: the steps before
        one that hangs go on for a while."""
        try:
            statistics = self._client.get_inference_statistics(client_timeout=2.0)
        except InferenceServerException:
            return None
        whole = (model for model in statistics.model_stats if model.name in self._ensembles)
        return int(sum(model.inference_stats.success.count for model in whole))

    def _reload(self, models: set[str]) -> str | None:
        """Reloads the models; a sentence when that is not possible."""
        names = ", ".join(sorted(models))
        self._report(f"a process of {names} died; loading it anew")
        start = time.monotonic()
        replaced = self._watch.forget(models)
        try:
            reload_models(self._client, models)
        except InferenceServerException as error:
            return f"{names} could not be loaded again: {error.message()}"
        self.reloads += 1
        self._replaced |= dict.fromkeys(replaced, time.monotonic() + _UNLOAD_GRACE)
        self._drop_unused_shared_memory()
        # A canary on its way may have met the dead process; a new one tells whether this has helped.
        self._request, self._next_canary = None, 0.0
        self._report(f"loaded {names} in {time.monotonic() - start:.1f} s")
        return None

    def _kill_replaced(self) -> None:
        """Kills replaced processes that hang and so cannot be ended by Triton."""
        now = time.monotonic()
        for pid in [pid for pid, deadline in self._replaced.items() if deadline < now]:
            del self._replaced[pid]
            if (stub := read_stub(pid)) is not None and self._watch.knows(stub):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _drop_unused_shared_memory(self) -> None:
        self._watch.dead_models()
        used = {stub.shared_memory for stub in self._watch.live()}
        for file in shared_memory_files(self._launch.folder.shared_memory_prefix):
            if file.name not in used:
                file.unlink(missing_ok=True)
