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

from seamline.local.canary import ENSEMBLE, Canary, Flight, Outcome
from seamline.local.process import shared_memory_files
from seamline.local.reload import reload_models
from seamline.local.service import GaveUp
from seamline.local.stubs import StubWatch, read_stub

_CANARY_TIMEOUT = 8.0
_FAILURES_ALLOWED = 2
_FIRST_CANARIES = 3
_UNLOAD_GRACE = 10.0
_ENSEMBLES = (ENSEMBLE, "search")


class TritonHealth:
    """The health of the server process `pid`, asked through `client`; `interval` in seconds between canaries."""

    def __init__(
        self,
        client: triton.InferenceServerClient,
        pid: int,
        interval: float,
        shared_memory_prefix: str,
        report: Callable[[str], None],
    ) -> None:
        self.canary: Canary | None = None
        self.reloads = 0
        self._client = client
        self._interval = interval
        self._prefix = shared_memory_prefix
        self._report = report
        self._watch = StubWatch(pid)
        self._flight: Flight | None = None
        self._next_canary = 0.0
        self._failures = 0
        self._answers_before = -1
        self._doomed: dict[int, float] = {}

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def first_answer(self) -> bool:
        """Whether a canary has come back; GaveUp after three that failed."""
        result = self._fly()
        if result is None:
            return False
        if result.outcome is Outcome.ANSWERED:
            self._watch.dead_models()
            return True
        self._failures += 1
        if self._failures >= _FIRST_CANARIES:
            raise GaveUp(f"the first inference fails: {result.reason}")
        return False

    def check(self) -> str | None:
        """Reload models of which a process died, send and judge canaries; a sentence when a restart is needed."""
        self._end_doomed()
        dead = self._watch.dead_models()
        if dead:
            return self._revive(dead)
        result = self._fly()
        if result is None:
            return None
        if result.outcome is Outcome.DEAD_STEP:
            return self._revive({result.model})
        return self._judge(result)

    def _fly(self) -> Canary | None:
        """The result of a canary that has just come back; sends the next one when it is time."""
        if self._flight is None:
            if time.monotonic() >= self._next_canary:
                self._flight = Flight(self._client, _CANARY_TIMEOUT)
            return None
        result = self._flight.result()
        if result is not None:
            self._flight = None
            self.canary = result
            told = result.outcome in (Outcome.ANSWERED, Outcome.BUSY)
            self._next_canary = time.monotonic() + (self._interval if told else 0.0)
        return result

    def _judge(self, result: Canary) -> str | None:
        """Whether failed canaries mean a server that hangs, or one that is merely busy."""
        if result.outcome is Outcome.ANSWERED:
            self._failures = 0
            return None
        answers = self._answers()
        busy = answers is not None and answers > self._answers_before >= 0
        self._answers_before = -1 if answers is None else answers
        self._failures = 1 if busy else self._failures + 1
        self._report(f"the canary failed: {result.reason}")
        return f"the canary failed: {result.reason}" if self._failures >= _FAILURES_ALLOWED else None

    def _answers(self) -> int | None:
        """How many requests have gone through a whole ensemble so far, by the server's own count: the steps before
        one that hangs go on for a while."""
        try:
            statistics = self._client.get_inference_statistics(client_timeout=2.0)
        except InferenceServerException:
            return None
        whole = (model for model in statistics.model_stats if model.name in _ENSEMBLES)
        return int(sum(model.inference_stats.success.count for model in whole))

    def _revive(self, models: set[str]) -> str | None:
        """Reloads the models; a sentence when that is not possible."""
        names = ", ".join(sorted(models))
        self._report(f"a process of {names} died; loading it anew")
        start = time.monotonic()
        replaced = self._watch.dismiss(models)
        try:
            reload_models(self._client, models)
        except InferenceServerException as error:
            return f"{names} could not be loaded again: {error.message()}"
        self.reloads += 1
        self._doomed |= dict.fromkeys(replaced, time.monotonic() + _UNLOAD_GRACE)
        self._drop_unused_shared_memory()
        # A canary on its way may have met the dead process; a new one tells whether this has helped.
        self._flight, self._next_canary = None, 0.0
        self._report(f"loaded {names} in {time.monotonic() - start:.1f} s")
        return None

    def _end_doomed(self) -> None:
        """Kills replaced processes that hang and so cannot be ended by Triton."""
        now = time.monotonic()
        for pid in [pid for pid, deadline in self._doomed.items() if deadline < now]:
            del self._doomed[pid]
            if (stub := read_stub(pid)) is not None and self._watch.knows(stub):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _drop_unused_shared_memory(self) -> None:
        self._watch.dead_models()
        used = {stub.shared_memory for stub in self._watch.live()}
        for file in shared_memory_files(self._prefix):
            if file.name not in used:
                file.unlink(missing_ok=True)
