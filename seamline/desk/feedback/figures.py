"""Precision: of the suspects that were judged, the share that are copies, with how sure one can be of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from seamline.desk.feedback.standing import Judged

_Z = 1.959964
"""Of a normal distribution, what 95 % lie within."""

_EDGES = tuple(tenth / 10 for tenth in range(5, 11))


@dataclass(frozen=True)
class Share:
    """`copies` among `count`. All others are NaN for none: the share, and the bounds of its 95 % Wilson interval."""

    copies: int
    count: int
    precision: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """Suspects with a probability from `start` to below `end`, the last band with its end; `stated`: their mean."""

    start: float
    end: float
    stated: float
    share: Share


def share_of(copies: int, count: int) -> Share:
    """The share and its interval."""
    if count == 0:
        return Share(0, 0, math.nan, math.nan, math.nan)
    share, square = copies / count, _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return Share(copies, count, share, max(0.0, middle - half), min(1.0, middle + half))


def share_among(judged: Sequence[Judged]) -> Share:
    """Of these."""
    return share_of(sum(one.is_copy for one in judged), len(judged))


def bands(judged: Sequence[Judged]) -> tuple[Band, ...]:
    """Five from 0.5 to 1, and one below where there are such."""
    starts = (0.0, *_EDGES) if any(one.probability < _EDGES[0] for one in judged) else _EDGES
    return tuple(_band(start, end, judged) for start, end in pairwise(starts))


def _band(start: float, end: float, judged: Sequence[Judged]) -> Band:
    inside = [one for one in judged if start <= one.probability < end or one.probability == end == 1.0]
    stated = sum(one.probability for one in inside) / len(inside) if inside else math.nan
    return Band(start, end, stated, share_among(inside))
