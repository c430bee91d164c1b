"""A garment in a photo, and a copy of it with the ground truth about each region."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.systems.psnet.spec import REGIONS

Mask = NDArray[np.uint8]
COPY_PARTS = REGIONS
"""Names of the parts whose fate a copy's ground truth tells, in the order of its numbers."""


Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class GarmentSample:
    """A garment in a photo.

    `rgb`: (H, W, 3) uint8; `mask`: (H, W) uint8, 255 on the garment; `points`: (K, 3) in the order of
    `spec.LANDMARKS`, x and y in pixels and a confidence that is 0 where the garment has no such point or it is not
    known; `category`: a name of `spec.CATEGORIES`. Left and right are the picture's.
    """

    rgb: Pixels
    mask: Mask
    points: Floats
    category: str


@dataclasses.dataclass(frozen=True)
class Copy:
    """A copy of a sample and what became of it.

    `sample`: the copy's own photo, mask, points and category. `redesigned`, `kept`: indices of the regions in the
    *original's* left and right; a region that is in neither cannot be judged (absent, out of the picture, hidden, or
    partly touched by a neighbour's edit). `edits`: names of what was done, in order. `mirrored`: whether left and
    right changed places.
    """

    sample: GarmentSample
    redesigned: tuple[int, ...]
    kept: tuple[int, ...]
    edits: tuple[str, ...]
    mirrored: bool
