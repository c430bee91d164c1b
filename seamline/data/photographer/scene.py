"""The cloth laid down for the second photo, on the ground that it gets."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.background import background_of
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.photographer.hinge import Hinge
from seamline.data.photographer.laying import laid_elsewhere
from seamline.data.photographer.params import PhotographerParams
from seamline.data.photographer.sleeves import random_hinges


@dataclasses.dataclass(frozen=True)
class Scene:
    """What the camera looks at. `rgb`, `mask`, as the cloth lies, in the first photo's pixels; `on_ground`: the
    garment is put on a ground of its own, not seen together with the first photo's."""

    rgb: Pixels
    mask: Mask
    hinges: tuple[Hinge, ...]
    replaced: bool
    on_ground: bool
    cut_off: bool


def laid_down(
    rgb: Pixels, mask: Mask, landmarks: Floats | None, params: PhotographerParams, any_angle: bool,
    random: np.random.Generator,
) -> Scene:  # fmt: skip
    """The cloth laid down again."""
    there = bool(mask.any())
    replaced = random.random() < params.ground.replaced and there
    on_ground = there and (replaced or any_angle)
    laid, hinges = (rgb, mask), list[Hinge]()
    for hinge in random_hinges(landmarks, params.sleeves, random) if there and landmarks is not None else []:
        found = laid_elsewhere(*laid, hinge)
        if found is not None:
            laid, hinges = found, [*hinges, hinge]
    if hinges and not on_ground:
        laid = _bared(laid[0], mask, laid[1], random), laid[1]
    return Scene(*laid, tuple(hinges), replaced, on_ground, _cut_off(mask))


def _bared(rgb: Pixels, before: Mask, after: Mask, random: np.random.Generator) -> Pixels:
    """The photo with ground painted where a sleeve was."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    bare = cv2.subtract(cv2.dilate(cv2.subtract(before, after), disc), after)
    share = cv2.GaussianBlur(bare, (0, 0), 1.0)[..., None].astype(np.float32) / 255
    return (rgb + share * (empty_ground(rgb, before, random).astype(np.float32) - rgb)).astype(np.uint8)


def empty_ground(rgb: Pixels, mask: Mask, random: np.random.Generator) -> Pixels:
    """The photo without its garment."""
    return background_of(GarmentSample(rgb, mask, np.zeros((1, 3), np.float32), ""), random)


def _cut_off(mask: Mask) -> bool:
    """Whether the garment reaches the photo's edge along more than a trifle."""
    edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return max(float((edge > 0).mean()) for edge in edges) > 0.02
