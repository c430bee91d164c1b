"""Something lies on the garment: an object, a hand, another piece of cloth."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.occlusion import occluded
from seamline.data.copies.sample import Mask
from seamline.data.mask_box import mask_box
from seamline.data.photographer.strengths import Strengths

_LARGEST = 0.8


@dataclasses.dataclass(frozen=True)
class HidingParams(Strengths):
    """`covered`: probability that something lies on the garment; `size`: how long it is at most, as a share of the
    garment."""

    CHANCES: ClassVar[tuple[str, ...]] = ("covered",)

    covered: float = 0.08
    size: float = 0.45


def hidden(rgb: Pixels, mask: Mask, params: HidingParams, random: np.random.Generator) -> tuple[Pixels, Mask]:
    """The picture with what lies on the garment, and where that is (H, W), 255; on the picture for an empty mask."""
    if random.random() >= params.covered:
        return rgb, np.zeros(mask.shape, np.uint8)
    box = mask_box(mask) if mask.any() else (0.0, 0.0, *mask.shape)
    share = min(_LARGEST, params.size) * random.uniform(0.4, 1.0)
    return occluded(rgb, mask, share * max(box[2] - box[0], box[3] - box[1]), random)
