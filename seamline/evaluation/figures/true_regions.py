"""PS-Net's regions among a system's parts, and where they lie on a garment whose points are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.image import square_box
from seamline.core.spec import Spec
from seamline.systems.psnet.regions import region_boxes
from seamline.systems.psnet.spec import REGIONS, PSNetSpec

Floats = NDArray[np.float32]


def region_places(spec: Spec) -> tuple[int, ...]:
    """Which part each of REGIONS is; none where a system has not all of them."""
    names = spec.parts.names
    return tuple(names.index(region) for region in REGIONS) if set(REGIONS) <= set(names) else ()


def regions_of(
    box: Sequence[float], points: Mapping[str, Sequence[float] | None], category: str, spec: Spec
) -> tuple[Floats, Floats]:
    """Region boxes (R, 4) in the photo's pixels, and which there are (R,), of a garment whose points are known."""
    known = np.zeros((len(spec.landmarks), 3), np.float32)
    for name, point in points.items():
        if point is not None and name in spec.landmarks:
            known[spec.landmarks.index(name)] = point[0], point[1], 1.0
    return regions_of_points(box, known, category, spec)


def regions_of_points(box: Sequence[float], points: Floats, category: str, spec: Spec) -> tuple[Floats, Floats]:
    """The same from points (K, 3) = x, y in the photo's pixels and a confidence, in the order of `spec.landmarks`."""
    square = square_box(box, spec.crop.margin)
    scale = (square[2] - square[0]) / spec.crop.side
    landmarks = points.astype(np.float32)
    landmarks[:, :2] = (landmarks[:, :2] - square[:2]) / scale
    boxes, visible = region_boxes(landmarks, category, PSNetSpec.of(spec))
    return np.tile(square[:2], 2) + boxes * scale, visible
