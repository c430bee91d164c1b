"""Where boxes and their labels go on a photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.box_corners import Floats
from seamline.report.model import Box, Corners, Mark, Point, Shape

LABEL_SHARE = 0.05
"""Side of a label as a share of the photo's longer side."""


_PLAIN = 5.0
"""Degrees up to which the labels of a turned box lie as those of an upright one."""

Labelled = tuple[Corners, str, str, Mark]
"""A box's corners with its label's text, its colour and its mark."""


def shapes(boxes: Sequence[Labelled], size: tuple[int, int]) -> tuple[Shape, ...]:
    """Shapes for boxes in a photo of this width and height, labels clear of each other."""
    placed: list[Box] = []
    made = []
    for corners, text, colour, mark in boxes:
        label = _label(corners, text, size, placed)
        placed.append(label)
        made.append(Shape(corners, label, text, colour, mark))
    return tuple(made)


def corners_of(values: Floats) -> Corners:
    """Four points (4, 2) as plain numbers."""
    first, second, third, fourth = ((float(x), float(y)) for x, y in values)
    return first, second, third, fourth


def _label(box: Corners, text: str, size: tuple[int, int], placed: Sequence[Box]) -> Box:
    height = LABEL_SHARE * max(size)
    width = height * (0.45 + 0.55 * len(text))
    spots = [_inside(x, y, width, height, size) for x, y in _spots(box, width, height)]
    return min(spots, key=lambda spot: sum(_overlap(spot, other) for other in placed))


def _spots(box: Corners, width: float, height: float) -> list[Point]:
    """Top left corners of a label in the corners of the box, then along its edges, the most usual place first; of a
    turned box, beside its corners, which its edges leave at a slant."""
    points = np.array(box)
    across = points[1] - points[0]
    slant = np.degrees(np.arctan2(across[1], across[0])) % 90
    if _PLAIN < slant < 90 - _PLAIN:
        inner = points + 0.7 * np.hypot(width, height) * _towards(points.mean(0) - points)
        spots = [*inner, *((points + np.roll(points, -1, 0)) / 2), points.mean(0)]
        return [(float(x - width / 2), float(y - height / 2)) for x, y in spots]
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    middle_x, middle_y = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
    right, bottom = x1 - width, y1 - height
    return [
        (x0, y0),
        (right, y0),
        (x0, bottom),
        (right, bottom),
        (middle_x, y0),
        (middle_x, bottom),
        (middle_x, middle_y),
    ]


def _towards(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.maximum(np.hypot(*vectors.T), 1e-6)[:, None], np.float64)


def _inside(x: float, y: float, width: float, height: float, size: tuple[int, int]) -> Box:
    x = min(max(x, 0.0), max(size[0] - width, 0.0))
    y = min(max(y, 0.0), max(size[1] - height, 0.0))
    return x, y, x + width, y + height


def _overlap(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)
