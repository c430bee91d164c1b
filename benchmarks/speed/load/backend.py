"""What all backends have in common: they are asked at several levels of concurrency, and timed."""

from __future__ import annotations

from typing import Protocol

from benchmarks.speed.load.sample import Sample
from seamline.core.errors import SeamlineError

COLLECTION = "catalogue"
"""The collection that `search` is asked about; the service's own default."""


class LoadError(SeamlineError):
    """The measurement cannot be made here, or a part of it failed; the message says what to do."""


class Backend(Protocol):
    """What answers photos, with the client that asks it.

    `name` is how the report calls it; `levels` at which concurrency it is to be asked.
    """

    @property
    def name(self) -> str: ...

    @property
    def levels(self) -> tuple[int, ...]: ...

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        """So many requests to `embed` or `search`, so many at a time. Raises LoadError when one is not answered."""
        ...
