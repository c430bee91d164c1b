"""Where boxes and their labels go on a photo."""

from __future__ import annotations

from collections.abc import Sequence

from seamline.report.model import Box, Mark, Shape

LABEL_SHARE = 0.05
"""Side of a label as a share of the photo's longer side."""


Labelled = tuple[Box, str, str, Mark]
"""A box with its label's text, its colour and its mark."""


def shapes(boxes: Sequence[Labelled], size: tuple[int, int]) -> tuple[Shape, ...]:
    """Shapes for boxes in a photo of this width and height, labels clear of each other."""
    placed: list[Box] = []
    made = []
    for box, text, colour, mark in boxes:
        label = _label(box, text, size, placed)
        placed.append(label)
        made.append(Shape(box, label, text, colour, mark))
    return tuple(made)


def _label(box: Box, text: str, size: tuple[int, int], placed: Sequence[Box]) -> Box:
    height = LABEL_SHARE * max(size)
    width = height * (0.45 + 0.55 * len(text))
    spots = [_inside(x, y, width, height, size) for x, y in _corners(box, width, height)]
    return min(spots, key=lambda spot: sum(_overlap(spot, other) for other in placed))


def _corners(box: Box, width: float, height: float) -> list[tuple[float, float]]:
    """Top left corners of a label in the corners of the box, then along its edges, the most usual place first."""
    x0, y0, x1, y1 = box
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


def _inside(x: float, y: float, width: float, height: float, size: tuple[int, int]) -> Box:
    x = min(max(x, 0.0), max(size[0] - width, 0.0))
    y = min(max(y, 0.0), max(size[1] - height, 0.0))
    return x, y, x + width, y + height


def _overlap(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)
