"""The canary: a small picture that goes through the whole `embed` ensemble.

Triton's own answers to "live?" and "ready?" stay yes when a step's process is dead, so only an inference
tells. The picture is drawn here, the same each time.
"""

from __future__ import annotations

import functools
import io
import re
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from tritonclient import grpc as triton
from tritonclient.grpc import InferenceServerClientPlugin
from tritonclient.utils import InferenceServerException

from seamline.client.security import operator_metadata

ENSEMBLE = "embed"
SIDE = 96
PRIORITY = 1
"""The level of the step `decode` at which only health checks ask, so that others' requests do not delay them."""
_LATE = 5.0
_DEAD_STUB = re.compile(r"Stub process '(?P<model>.+)_\d+_\d+' is not healthy")
_FULL_QUEUE = re.compile(
    r"UNAVAILABLE.*(Exceeds maximum queue size|Request timeout expired|the server is busy)", re.DOTALL
)


class Outcome(Enum):
    """What became of a canary."""

    ANSWERED = "answered"
    BUSY = "refused by a full queue"
    DEAD_STEP = "a step's process is dead"
    FAILED = "no answer"


@dataclass(frozen=True)
class Canary:
    """One canary's result: milliseconds, and for a failure the sentence and the model whose step is dead."""

    outcome: Outcome
    milliseconds: float
    reason: str = ""
    model: str = ""


@functools.cache
def picture() -> bytes:
    """A PNG of SIDE x SIDE pixels: a plain T-shirt on a light ground."""
    image = Image.new("RGB", (SIDE, SIDE), (236, 234, 230))
    shirt = [(34, 16), (62, 16), (86, 30), (78, 46), (68, 40), (68, 84), (28, 84), (28, 40), (18, 46), (10, 30)]
    draw = ImageDraw.Draw(image)
    draw.polygon(shirt, fill=(52, 88, 150))
    draw.ellipse((38, 8, 58, 24), fill=(236, 234, 230))
    draw.rectangle((36, 46, 60, 62), fill=(222, 190, 64))
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def connect(address: str) -> triton.InferenceServerClient:
    """A client of Triton itself, as its operator has it; it never goes through a proxy.

    Raises BadOption where the operator's key cannot be read.
    """
    client = triton.InferenceServerClient(address, channel_args=[("grpc.enable_http_proxy", 0)])
    if key := dict(operator_metadata()):
        client.register_plugin(_Headers(key))
    return client


class _Headers(InferenceServerClientPlugin):  # type: ignore[misc, unused-ignore]
    """Adds headers to every call."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__()
        self._headers = headers

    def __call__(self, request: Any) -> None:
        request.headers.update(self._headers)


class CanaryRequest:
    """One inference of `picture()` on its way."""

    def __init__(self, client: triton.InferenceServerClient, timeout: float) -> None:
        """Sends it; it counts as failed when no answer has come after `timeout` seconds."""
        self._start = time.perf_counter()
        self._timeout = timeout
        self._result: Canary | None = None
        image = triton.InferInput("IMAGE", [1], "BYTES")
        image.set_data_from_numpy(np.array([picture()], dtype=np.object_))
        client.async_infer(
            ENSEMBLE, [image], self._completed, client_timeout=timeout, priority=PRIORITY, parameters={"patient": True}
        )

    def result(self) -> Canary | None:
        """None while it is on its way."""
        overdue = time.perf_counter() - self._start - self._timeout
        if self._result is None and overdue > _LATE:
            return Canary(Outcome.FAILED, 1000.0 * (self._timeout + overdue), "the canary was lost on its way")
        return self._result

    def _completed(self, result: triton.InferResult | None, error: InferenceServerException | None) -> None:
        # The names of the arguments are tritonclient's: it calls this with keywords.
        milliseconds = 1000.0 * (time.perf_counter() - self._start)
        self._result = _failure(error, milliseconds) if error else _success(result, milliseconds)


def _success(answer: triton.InferResult | None, milliseconds: float) -> Canary:
    size = answer.as_numpy("PHOTO_SIZE") if answer else None
    if answer is None or size is None or size.tolist() != [SIDE, SIDE] or answer.as_numpy("COUNT") is None:
        return Canary(Outcome.FAILED, milliseconds, "the answer to the canary has no COUNT or a wrong PHOTO_SIZE")
    return Canary(Outcome.ANSWERED, milliseconds)


def _failure(error: InferenceServerException, milliseconds: float) -> Canary:
    message = f"{error.status() or ''} {error.message()}".strip()
    dead = _DEAD_STUB.search(message)
    if dead is not None:
        return Canary(Outcome.DEAD_STEP, milliseconds, message, dead["model"])
    if _FULL_QUEUE.search(message):
        return Canary(Outcome.BUSY, milliseconds, message)
    return Canary(Outcome.FAILED, milliseconds, message)
