"""Left and right as the picture shows them, whatever convention the annotators followed.

Seamline's left is the picture's. A wearer's left, or a numbering that follows the garment into back views, is the
other side of the picture; which of them a set means is not always published. The points themselves tell.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seamline.core.spec import counterpart

Point = tuple[float, float]

_LIMBS = ("cuff", "sleeve", "leg")
"""Crossed arms and legs say nothing about the garment's sides."""


def is_reversed(points: Mapping[str, Point]) -> bool | None:
    """Whether most of what is called left lies right of its counterpart in the picture.

    The trunk decides; limbs only where no pair of the trunk is there. None where nothing tells.
    """
    pairs = [(name, counterpart(name)) for name in points if "left" in name.split("_")]
    complete = [pair for pair in pairs if pair[1] in points]
    trunk = [pair for pair in complete if pair[0].split("_")[0] not in _LIMBS]
    votes = [points[right][0] - points[left][0] for left, right in trunk or complete]
    balance = float(sum(np.sign(votes))) or sum(votes)
    return balance < 0 if balance else None


def exchanged(points: Mapping[str, Point]) -> dict[str, Point]:
    """The same points with left and right names exchanged."""
    return {counterpart(name): point for name, point in points.items()}
