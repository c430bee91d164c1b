"""What was stated against what people said, as points of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seamline.desk.feedback.figures import Band

SIDE, MARGIN, ABOVE = 320, 40, 16
"""Of the drawing, what its axes leave for their words, and what is above it for counts, in its own units."""

_LENGTH = SIDE - MARGIN - 10
_APART = 0.05
"""Of what is stated, between a count and the edges of its band."""


@dataclass(frozen=True)
class Point:
    """Of a band: `x` of what was stated, `y` of the share of copies, `low` and `high` of its interval,
    `label` where its count has room beside those of other bands."""

    x: float
    y: float
    low: float
    high: float
    count: int
    label: float


@dataclass(frozen=True)
class Tick:
    """A place on either axis, and its value in percent."""

    x: float
    y: float
    percent: int


def points(found: Sequence[Band]) -> tuple[Point, ...]:
    """Of the bands that hold anything."""
    return tuple(
        Point(
            across(band.stated),
            up(band.share.precision),
            up(band.share.low),
            up(band.share.high),
            band.share.count,
            across(min(max(band.stated, band.start + _APART), band.end - _APART)),
        )
        for band in found
        if band.share.count
    )


def ticks() -> tuple[Tick, ...]:
    """Each quarter."""
    return tuple(Tick(across(part / 4), up(part / 4), part * 25) for part in range(5))


def across(share: float) -> float:
    """From 0 at the left to 1."""
    return round(MARGIN + share * _LENGTH, 1)


def up(share: float) -> float:
    """From 0 at the bottom to 1."""
    return round(SIDE - MARGIN - share * _LENGTH, 1)
