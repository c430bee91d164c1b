"""A hanger behind a garment that hangs: a hook above the neck."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.synthetic.curves import join, line, spline
from seamline.synthetic.design import Design
from seamline.synthetic.patterns import Image
from seamline.synthetic.view import View

_SHIFT = 4


def paint_hanger(picture: Image, view: View, design: Design, landmarks: dict[str, tuple[float, float]]) -> None:
    """Draw onto the picture (H, W, 3) in place; a garment hides all but the hook, straps hang from the bar's ends."""
    neck, shoulder = landmarks["neck_right"], landmarks["shoulder_right"]
    straps = design.category.startswith("sling")
    peak = (0.0, -3.5 if straps else max(neck[1], 0.0) + 3.0)
    end = (1.05 * shoulder[0], 1.0) if straps else (0.85 * shoulder[0], shoulder[1] + 3.0)
    top = min(neck[1], peak[1], 0.0) - 7.0
    hook = spline([peak, (0, top), (1.0, top - 2.2), (-0.8, top - 4.2), (-2.4, top - 2.4)], 8)
    bar = join(line((-end[0], end[1]), peak), line(peak, end))
    shade = tuple(part / 255 * 0.8 for part in design.metal)
    for path, width in ((bar, 1.4), (hook, 0.5)):
        points = np.round((view.to_picture(path) - 0.5) * 2**_SHIFT).astype(np.int32)
        thick = max(1, round(width * view.density))
        cv2.polylines(picture, [points], False, shade, thick, cv2.LINE_8, _SHIFT)
