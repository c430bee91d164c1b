"""A hanger behind a garment that hangs: a hook above the neck."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.data.drawing.curves import join, line, spline
from seamline.data.drawing.patterns import Image
from seamline.data.drawing.view import View

_SHIFT = 4


def paint_hanger(ground: Image, view: View, top: tuple[float, float], colour: tuple[int, int, int]) -> None:
    """Draw onto the ground (H, W, 3) in place; `top` in cm: half the hanger's width and the garment's highest point."""
    half, level = top
    rise = level - 7.0
    hook = spline([(0, level + 1.0), (0, rise), (1.0, rise - 2.2), (-0.8, rise - 4.2), (-2.4, rise - 2.4)], 8)
    peak = (0.0, level + 1.0)
    arms = join(line((-half, level + 4.0), peak), line(peak, (half, level + 4.0)))
    shade = tuple(part / 255 * 0.8 for part in colour)
    for path, width in ((arms, 1.6), (hook, 0.5)):
        points = np.round((view.to_picture(path) - 0.5) * 2**_SHIFT).astype(np.int32)
        thick = max(1, round(width * view.density))
        cv2.polylines(ground, [points], False, shade, thick, cv2.LINE_8, _SHIFT)
