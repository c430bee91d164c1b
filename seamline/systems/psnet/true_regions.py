"""Where PS-Net's regions lie on a garment whose landmarks are known, by the rules that place them on any other."""

from __future__ import annotations

import numpy as np

from seamline.core.image import square_box
from seamline.core.spec import Spec
from seamline.systems.psnet.regions import Floats, region_boxes
from seamline.systems.psnet.spec import REGIONS, PSNetSpec


def true_region_boxes(box: Floats, landmarks: Floats, category: str, spec: Spec) -> tuple[Floats, Floats]:
    """Boxes (P, 4) in the photo's pixels and which parts have one (P,), of the garment in `box` (4,).

    `landmarks` (K, 3): x, y in the photo's pixels and a confidence, in the order of `spec.landmarks`.
    """
    square = square_box(box, spec.crop.margin)
    scale = (square[2] - square[0]) / spec.crop.side
    points = landmarks.astype(np.float32)
    points[:, :2] = (points[:, :2] - square[:2]) / scale
    found, seen = region_boxes(points, category, PSNetSpec.of(spec))
    boxes, visible = np.zeros((len(spec.parts), 4), np.float32), np.zeros(len(spec.parts), np.float32)
    for region, name in enumerate(REGIONS):
        place = spec.parts.names.index(name)
        boxes[place], visible[place] = np.tile(square[:2], 2) + found[region] * scale, seen[region]
    return boxes, visible
