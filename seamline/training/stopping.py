"""Stopping a training from outside without losing its last steps."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """The first SIGINT or SIGTERM sets the event, which asks for a stop after the current step; a second SIGINT
    interrupts at once.

    Only the main thread gets signals; elsewhere nothing ever asks.
    """
    request = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def heard(number: int, frame: FrameType | None) -> None:
        request.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, heard) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
