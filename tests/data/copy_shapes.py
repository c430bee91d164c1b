"""A T-shirt of known geometry, chequered so that every position on it can be recognised, for tests of copies."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np

from seamline.data.copies import LEVELS, GarmentSample, PhotoParams
from seamline.data.copies.landmarks import landmark_array
from tests.data.shapes import HEIGHT, TSHIRT, WIDTH, mask_of

POINTS = {
    **TSHIRT, "neck_bottom": (150.0, 85.0), "waist_left": (85.0, 240.0), "waist_right": (215.0, 240.0),
}  # fmt: skip

STILL = PhotoParams(
    own_background=0.0, same_background=0.0, procedural=0.0, shadow=(0.0, 0.0),
    fill=(0.8, 0.8), crop=0.0, crop_depth=(0.0, 0.0), square=0.0, turn=0.0, tilt=0.0, bend=0.0, mirror=0.0,
    exposure=0.0, contrast=0.0, balance=0.0, fall_off=(0.0, 0.0), shade=0.0, shade_depth=(0.0, 0.0),
    occlusion=0.0, sticker=0.0, occluder_size=(0.3, 0.3),
    watermark=0.0, watermark_opacity=(0.0, 0.0), softness=(0.0, 0.0), noise=(0.0, 0.0), size=(1.0, 1.0),
    quality=(95, 95),
)  # fmt: skip
"""Nothing happens but that the garment is laid on another background and framed."""


def but(**changes: object) -> PhotoParams:
    """STILL but for these."""
    return dataclasses.replace(STILL, **changes)  # type: ignore[arg-type]


@cache
def tshirt() -> GarmentSample:
    """A blue and white T-shirt on a green background; its points are those of its polygon."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    mask = mask_of(TSHIRT)
    squares = ((x // 20 + y // 20) % 2)[..., None]
    cloth = np.where(squares, (40, 60, 200), (225, 225, 235))
    rgb = np.where(mask[..., None] > 0, cloth, (30, 120, 40)).astype(np.uint8)
    return GarmentSample(rgb, mask, landmark_array(POINTS), "short sleeve top")


RED = np.full((HEIGHT, WIDTH, 3), (220, 20, 20), np.uint8)
MEDIUM = LEVELS["medium"]
