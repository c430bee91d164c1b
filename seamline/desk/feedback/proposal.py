"""The lowest threshold from which suspects are copies as often as is wished for."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from seamline.desk.feedback.figures import Share, share_of
from seamline.desk.feedback.standing import Verdicts

LEAST = 10
"""Verdicts below which nothing is proposed."""

_GRID = 100


@dataclass(frozen=True)
class Proposal:
    """`threshold`: from which the wish is met, among verdicts of `share`. `is_sure`: the lower bound of the interval
    meets it; otherwise the share itself does, for there are too few verdicts. `left_out`: suspects found so far that
    are below it, of `found`; `missed`: judged ones below it that people called copies."""

    threshold: float
    is_sure: bool
    share: Share
    left_out: int
    found: int
    missed: int


def propose(verdicts: Verdicts, wish: float) -> Proposal | None:
    """For a precision `wish` between 0 and 1; None where no threshold in steps of 0.01 meets it."""
    shares = [(threshold, share) for threshold, share in _shares(verdicts) if share.count >= LEAST]
    for is_sure, meets in _WAYS:
        for threshold, share in shares:
            if meets(share) >= wish:
                return _proposal(threshold, is_sure, share, verdicts)
    return None


_WAYS: tuple[tuple[bool, Callable[[Share], float]], ...] = (
    (True, lambda share: share.low),
    (False, lambda share: share.precision),
)


def _shares(verdicts: Verdicts) -> Iterator[tuple[float, Share]]:
    """Thresholds from the lowest at which there are verdicts, each with the verdicts from it on."""
    copies = [0, *accumulate(one.is_copy for one in verdicts.judged)]
    probabilities = [one.probability for one in verdicts.judged]
    lowest = math.floor(probabilities[-1] * _GRID) if probabilities else _GRID
    for step in range(lowest, _GRID):
        count = _from(probabilities, step / _GRID)
        yield step / _GRID, share_of(copies[count], count)


def _from(falling: Sequence[float], threshold: float) -> int:
    """How many of the falling values are not below the threshold."""
    return bisect_right(falling, -threshold, key=lambda value: -value)


def _proposal(threshold: float, is_sure: bool, share: Share, verdicts: Verdicts) -> Proposal:
    found = len(verdicts.suspects)
    left_out = found - _from(verdicts.suspects, threshold)
    missed = sum(one.is_copy for one in verdicts.judged) - share.copies
    return Proposal(threshold, is_sure, share, left_out, found, missed)
