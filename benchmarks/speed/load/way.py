"""What all ways of answering have in common: they are asked at several levels of concurrency, and timed."""

from __future__ import annotations

from typing import Protocol

from benchmarks.speed.load.window import Window

COLLECTION = "catalogue"
"""The collection that `search` is asked about; the service's own default."""


class Way(Protocol):
    """One way to have photos answered.

    `name` is how the report calls it; `levels` at which concurrency it is to be asked.
    """

    @property
    def name(self) -> str: ...

    @property
    def levels(self) -> tuple[int, ...]: ...

    def measure(self, model: str, concurrency: int, requests: int) -> Window:
        """So many requests to `embed` or `search`, so many at a time. Raises LoadError when one is not answered."""
        ...
