"""A label's points from those that a set knows."""

from __future__ import annotations

from collections.abc import Mapping

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Point
from seamline.data.readers.deepfashion2_layout import landmark_indices


def label_points(category: str, known: Mapping[str, Point]) -> tuple[dict[str, Point | None], tuple[str, ...]]:
    """All 22 landmarks, and which of them the category has without their place being known.

    Known points of parts that the category does not have (the cuffs of a vest) are left out.
    """
    own = landmark_indices(category)
    points = {name: known.get(name) if name in own else None for name in LANDMARKS}
    return points, tuple(name for name in own if points[name] is None)
