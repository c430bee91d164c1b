"""What a garment lies on: the ground of another photo without its garment, or a made-up one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from seamline.data.copier.specimen import Floats, Mask, Specimen
from seamline.data.copier.surfaces import made_up_ground
from seamline.image import Pixels

_PATCHES = (0.4, 0.3, 0.2, 0.14)
"""Sides of the squares that may serve as a patch of ground, as shares of a photo's shorter side."""

_RIM = 0.03
"""How far beyond its mask a garment is painted over, as a share of the longer side: seams of the mask, shadows."""

_MOST_DETAIL = 9.0
"""Standard deviation, in levels of 255, of the detail that is repeated."""

_HAZE = 0.06
"""Scale of the ground's light that is carried into the hole, as a share of the longer side."""


def ground_of(specimen: Specimen, random: np.random.Generator) -> Pixels:
    """The photo's ground (H, W, 3): its garment painted over with an empty patch, under the ground's own light.

    A photo without an empty patch gets a made-up ground.
    """
    height, width = specimen.mask.shape
    rim = max(3, round(_RIM * max(height, width)))
    covered = cv2.dilate(specimen.mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1,) * 2))
    patch = _emptiest(specimen.rgb, cast("Mask", covered))
    if patch is None:
        return made_up_ground(height, width, random)
    hole = (covered > 0).astype(np.float32)
    light = _light_around(specimen.rgb, 1.0 - hole, _HAZE * max(height, width))
    share = np.clip(2 * cv2.GaussianBlur(hole, (0, 0), rim / 2), 0, 1)[..., None]
    filled = light + _tiled(_detail(patch), height, width)
    return np.clip(share * filled + (1 - share) * specimen.rgb, 0, 255).astype(np.uint8)


def _emptiest(rgb: Pixels, covered: Mask) -> Pixels | None:
    """The largest of a few squares that shows next to nothing of the garment."""
    height, width = covered.shape
    total = cv2.integral((covered > 0).astype(np.uint8))
    for share in _PATCHES:
        side = max(8, round(share * min(height, width)))
        counts = (total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side])[::4, ::4]
        y, x = (4 * int(place) for place in np.unravel_index(int(counts.argmin()), counts.shape))
        if counts.min() < 0.01 * side * side:
            return rgb[y : y + side, x : x + side]
    return None


def _detail(patch: Pixels) -> Floats:
    """What a patch adds to its own soft light; strong figures, whose repetition would show, are made fainter."""
    detail = patch.astype(np.float32) - cv2.GaussianBlur(patch, (0, 0), len(patch) / 6).astype(np.float32)
    return detail * np.float32(min(1.0, _MOST_DETAIL / max(1e-3, float(detail.std()))))


def _tiled(patch: Floats, height: int, width: int) -> Floats:
    """The patch repeated in mirror image over (height, width)."""
    tile = np.concatenate([patch, patch[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    repeats = height // tile.shape[0] + 1, width // tile.shape[1] + 1, 1
    return np.tile(tile, repeats)[:height, :width]


def _light_around(rgb: Pixels, seen: Floats, sigma: float) -> Floats:
    """The photo's soft light, carried into what is not seen, (H, W, 3)."""
    height, width = seen.shape
    small = max(8, width // 8), max(8, height // 8)
    weight, light = (
        np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.float32)
        for picture in (seen, rgb * seen[..., None])
    )
    near, far = (_averaged(light, weight, factor * sigma / 8) for factor in (1, 4))
    trust = np.clip(4 * cv2.GaussianBlur(weight, (0, 0), sigma / 8), 0, 1)[..., None]
    mixed = trust * near + (1 - trust) * far
    return cast("Floats", cv2.resize(mixed.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC))


def _averaged(light: Floats, weight: Floats, sigma: float) -> Floats:
    """`light` per `weight` within a distance."""
    total = cv2.GaussianBlur(light, (0, 0), sigma)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-4)[..., None]


def choose_ground(
    grounds: Sequence[Pixels], height: int, width: int, made_up: float, random: np.random.Generator
) -> Pixels:
    """A ground of (height, width, 3): a made-up one with probability `made_up` or if none is given."""
    if not len(grounds) or random.random() < made_up:
        return made_up_ground(height, width, random)
    return _cut(grounds[int(random.integers(len(grounds)))], height, width, random)


def _cut(ground: Pixels, height: int, width: int, random: np.random.Generator) -> Pixels:
    """A part of the ground in the picture's shape, at random turned over."""
    if random.random() < 0.5:
        ground = ground[:, ::-1]
    if (ground.shape[0] > ground.shape[1]) != (height > width):
        ground = ground.transpose(1, 0, 2)
    scale = min(ground.shape[0] / height, ground.shape[1] / width) * random.uniform(0.8, 1.0)
    rows, columns = max(1, int(height * scale)), max(1, int(width * scale))
    y, x = (int(random.integers(room + 1)) for room in (ground.shape[0] - rows, ground.shape[1] - columns))
    part = np.ascontiguousarray(ground[y : y + rows, x : x + columns])
    return cast("Pixels", cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR))
