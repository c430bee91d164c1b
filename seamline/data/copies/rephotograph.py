"""What happens between two photos of a garment: another place, camera and light, and what a platform does to a file.

Everything moves the photo, the garment's mask and its points together. The same generator state gives the same pixels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.core.spec import LANDMARKS, mirrored_landmarks
from seamline.data.copies.background import background_of, choose_background
from seamline.data.copies.camera import view_of
from seamline.data.copies.degradation import degraded, stickered
from seamline.data.copies.light import Light, dropped_shadow, relit
from seamline.data.copies.occlusion import occluded
from seamline.data.copies.params import PhotoParams
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.warp import Warp, remapped
from seamline.data.copies.zones import region_zones
from seamline.data.mask_box import mask_box

LEAST_VISIBLE = 0.6
"""A region counts as hidden when a smaller share of it can be seen."""

_MIRRORED = np.array(mirrored_landmarks(LANDMARKS))
_REDUCTION = 3
_TEST_POINTS = 300
"""Positions at which it is tested whether a region can be seen."""


@dataclasses.dataclass(frozen=True)
class Rephotographed:
    """A sample in its new photo. `hidden`: indices of regions, in the left and right of the sample that was given,
    that are for the most part out of the picture or covered; `mirrored`: whether left and right changed places."""

    sample: GarmentSample
    hidden: tuple[int, ...]
    mirrored: bool


def rephotograph(
    sample: GarmentSample, backgrounds: Sequence[Pixels], params: PhotoParams, random: np.random.Generator
) -> Rephotographed:
    """The garment in another photo. Raises ValueError when the mask is empty."""
    own = random.random() < params.own_background
    mirror = random.random() < params.mirror
    warp = view_of(sample, own, mirror, params, random)
    maps = warp.maps()
    mask = remapped(sample.mask, maps, cv2.BORDER_CONSTANT)
    rgb = (
        remapped(sample.rgb, maps, cv2.BORDER_REFLECT_101) if own else _laid(sample, maps, backgrounds, params, random)
    )
    rgb = relit(rgb, _light(params, random), random)
    rgb, cover = _covered(rgb, mask, params, random)
    hidden = _hidden(sample, warp, cover)
    points = _moved(sample.points, warp, mirror)
    taken = GarmentSample(rgb, np.where(cover > 127, 0, mask).astype(np.uint8), points, sample.category)
    return Rephotographed(degraded(taken, params, random), hidden, mirror)


def _laid(
    sample: GarmentSample, maps: Floats, backgrounds: Sequence[Pixels], params: PhotoParams, random: np.random.Generator
) -> Pixels:
    """The garment cut out, on another background, with a soft shadow."""
    height, width = maps.shape[:2]
    garment = remapped(sample.rgb, maps, cv2.BORDER_REPLICATE)
    inner = cast("Mask", cv2.erode(sample.mask, np.ones((3, 3), np.uint8)))
    matte = cv2.GaussianBlur(remapped(inner, maps, cv2.BORDER_CONSTANT), (0, 0), 0.8).astype(np.float32) / 255
    if random.random() < params.same_background:
        background = choose_background([background_of(sample, random)], height, width, 0.0, random)
    else:
        background = choose_background(backgrounds, height, width, params.procedural, random)
    reach = random.uniform(0.006, 0.03) * max(height, width)
    light = dropped_shadow(matte, reach, random.uniform(*params.shadow), random)
    return _mixed(garment, matte, background, light)


def _mixed(garment: Pixels, matte: Floats, background: Pixels, light: Floats) -> Pixels:
    below = cv2.multiply(background, cv2.merge([light * (1 - matte)] * 3), dtype=cv2.CV_32F)
    above = cv2.multiply(garment, cv2.merge([matte] * 3), dtype=cv2.CV_32F)
    return (below + above).astype(np.uint8)


def _light(params: PhotoParams, random: np.random.Generator) -> Light:
    red, green, blue = random.uniform(-1, 1, 3) * params.balance
    shaded = random.random() < params.shade
    return Light(
        exposure=random.uniform(-1, 1) * params.exposure,
        contrast=random.uniform(-1, 1) * params.contrast,
        balance=(red, 0.4 * green, blue),
        fall_off=random.uniform(*params.fall_off),
        angle=random.uniform(0, 2 * np.pi),
        shade=random.uniform(*params.shade_depth) if shaded else 0.0,
    )


def _covered(rgb: Pixels, mask: Mask, params: PhotoParams, random: np.random.Generator) -> tuple[Pixels, Mask]:
    """The picture with what hides parts of it, and what is hidden (H, W)."""
    cover = np.zeros(mask.shape, np.uint8)
    x0, y0, x1, y1 = mask_box(mask)
    side = max(x1 - x0, y1 - y0)
    if random.random() < params.occlusion:
        rgb, cover = occluded(rgb, mask, side * random.uniform(*params.occluder_size), random)
    if random.random() < params.sticker:
        rgb, badge = stickered(rgb, 0.5 * side * random.uniform(*params.occluder_size), random)
        cover = np.maximum(cover, badge)
    return rgb, cover


def _moved(points: Floats, warp: Warp, mirror: bool) -> Floats:
    """The points (K, 3) in the picture; what lies out of it is not known there."""
    width, height = warp.size
    places = warp.positions(points[:, :2])
    inside = ((places >= 0) & (places < (width, height))).all(axis=1)
    known = (points[:, 2] > 0) & inside
    moved = np.column_stack([places, points[:, 2]]) * known[:, None]
    return (moved[_MIRRORED] if mirror else moved).astype(np.float32)


def _hidden(sample: GarmentSample, warp: Warp, cover: Mask) -> tuple[int, ...]:
    height, width = cover.shape
    hidden = []
    for region, zone in enumerate(region_zones(_reduced(sample))):
        places = np.flatnonzero(zone)
        if not len(places):
            continue
        rows, columns = np.unravel_index(places[:: max(1, len(places) // _TEST_POINTS)], zone.shape)
        tested = (np.column_stack([columns, rows]).astype(np.float32) + 0.5) * _REDUCTION
        x, y = np.floor(warp.positions(tested)).astype(int).T
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        seen = cover[y.clip(0, height - 1), x.clip(0, width - 1)] <= 127
        if (inside & seen).mean() < LEAST_VISIBLE:
            hidden.append(region)
    return tuple(hidden)


def _reduced(sample: GarmentSample) -> GarmentSample:
    """The sample without its photo, a fraction as large, on which zones are found sooner."""
    mask = np.ascontiguousarray(sample.mask[::_REDUCTION, ::_REDUCTION])
    points = sample.points / np.array([_REDUCTION, _REDUCTION, 1], np.float32)
    return GarmentSample(np.zeros((1, 1, 3), np.uint8), mask, points.astype(np.float32), sample.category)
