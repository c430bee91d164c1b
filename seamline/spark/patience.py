"""One photo to `embed`, however busy the server is: a refusal slows the job down and does not fail it."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from seamline.client import Embedded
from seamline.client.transport import pause_before
from seamline.core.errors import DeadlineExceeded, Unavailable

_TOO_SLOW = 3  # calls in a row without an answer, after which the photo is to blame and not the server


class Embeds(Protocol):
    """The part of `seamline.client.Client` that this needs."""

    def embed(self, photo: bytes) -> Embedded: ...


def embed_patiently(client: Embeds, data: bytes, patience: float, stopped: threading.Event) -> Embedded:
    """The garments of the photo `data`, asked for again with growing pauses while the server is unavailable.

    Raises Unavailable once it has been so for `patience` seconds or `stopped` is set, DeadlineExceeded when several
    calls in a row were not answered in time, and what else the server says of the photo.
    """
    deadline, attempt, too_slow = time.monotonic() + patience, 0, 0
    while True:
        try:
            return client.embed(data)
        except Unavailable as error:
            attempt += 1
            too_slow = too_slow + 1 if isinstance(error, DeadlineExceeded) else 0
            pause = pause_before(attempt)
            if too_slow == _TOO_SLOW or time.monotonic() + pause >= deadline or stopped.wait(pause):
                raise
