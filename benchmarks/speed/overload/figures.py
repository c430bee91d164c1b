"""The figures of one ensemble under load, and all of them for programs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.speed.overload.phases import Phase


@dataclasses.dataclass(frozen=True)
class Overload:
    """One ensemble's figures: alone is one request at a time, sustained the answers a second of several clients."""

    ensemble: str
    alone: Phase
    sustained: float
    phases: tuple[Phase, ...]
    recovery: float
    """Seconds from the last request of the heaviest phase until lone requests are as quick as before."""
    restarts: int
    """Processes that the supervisor started again or loaded anew meanwhile; none is wanted."""
    beside: Phase
    """One client beside a job."""
    job: Phase

    def stretch(self, of: Phase) -> float:
        """p99 of the accepted requests over that of lone ones."""
        return of.p99 / self.alone.p99


def to_json(found: Sequence[Overload]) -> str:
    """All figures for programs."""
    plain = [
        dataclasses.asdict(one) | {"p99_over_alone": {entry.name: one.stretch(entry) for entry in one.phases}}
        for one in found
    ]
    return json.dumps(_without_nan(plain), indent=1) + "\n"


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
