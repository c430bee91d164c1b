"""How a watch works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seamline.client import RetryPolicy
from seamline.index import Index

OpenIndex = Callable[[], Index]
"""Opens the index anew, wherever it is by now."""


_WAIT = RetryPolicy(retries=None, timeouts=3, first_pause=0.5, longest_pause=30.0)
_PATIENCE = RetryPolicy(first_pause=1.0, longest_pause=60.0)


@dataclass(frozen=True)
class Options:
    """`photos`: where photos of listings that have moved are looked for. `in_flight`: searches at a time. `retry`: what
    becomes of a search while the server is away; a photo that is not answered in time is a problem of that one alone.
    `patience`: pauses while the index or the store is away. `slack`, `whole_every`: as of `Looks`, in seconds."""

    photos: Path | None = None
    in_flight: int = 4
    retry: RetryPolicy = _WAIT
    patience: RetryPolicy = _PATIENCE
    slack: float = 300.0
    whole_every: float = 3600.0
