"""How fast somebody judges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

PAUSE = timedelta(minutes=5)
"""Time between two verdicts from which on it was not spent on judging."""
_ENOUGH = 9
"""Times between verdicts from which a pace is told from; fewer do where they took `_WHILE`."""
_WHILE = timedelta(minutes=3)


def rate_per_hour(moments: Sequence[datetime]) -> float | None:
    """Verdicts an hour by the times at which they were given, pauses left out; None where there are too few."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(moments))]
    worked = [gap for gap in gaps if gap <= PAUSE]
    spent = sum(worked, timedelta())
    tells = len(worked) >= _ENOUGH or spent >= _WHILE
    return len(worked) / (spent / timedelta(hours=1)) if tells and spent else None
