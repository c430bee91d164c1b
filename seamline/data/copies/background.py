"""What a garment lies on: the background of another photo without its garment, or a procedural one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.procedural_background import procedural_background
from seamline.data.copies.sample import Floats, GarmentSample, Mask

_PATCHES = (0.4, 0.3, 0.2, 0.14)
"""Sides of the squares that may serve as a patch of background, as shares of a photo's shorter side."""

_COARSE = 4
"""Where the garment is, and the background's light, are found on a grid of every fourth pixel."""

_RIM = 0.03
"""How far beyond its mask a garment is painted over, as a share of the longer side: seams of the mask, shadows."""

_MOST_DETAIL = 9.0
"""Standard deviation, in levels of 255, from which on a background's figures are strong."""

_HAZE = 0.06
"""Scale of the background's light that is carried into the hole, as a share of the longer side."""


def background_of(sample: GarmentSample, random: np.random.Generator) -> Pixels:
    """The photo's background (H, W, 3): its garment painted over with an empty patch, under the background's own light.

    A background of strong figures is made of the patch altogether, or the garment's outline would show in it. A photo
    without an empty patch gets a procedural background.
    """
    height, width = sample.mask.shape
    covered = _covered(sample.mask)
    patch = _emptiest(sample.rgb, covered)
    if patch is None:
        return procedural_background(height, width, random)
    detail = _detail(patch)
    filled = cv2.add(_enlarged(_light_around(sample.rgb, covered), sample.mask), _tiled(detail, height, width))
    weights = cv2.merge([_enlarged(_share_filled(covered, detail), sample.mask)] * 3)
    mixed = cv2.add(cv2.multiply(filled, weights), cv2.multiply(sample.rgb, 1 - weights, dtype=cv2.CV_32F))
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _share_filled(covered: Floats, detail: Floats) -> Floats:
    """How far the photo is replaced, on the coarse grid: everywhere where the background's figures are strong."""
    if float(detail.std()) > _MOST_DETAIL:
        return np.ones_like(covered)
    return np.clip(2 * cv2.GaussianBlur(covered, (0, 0), _RIM / 2 * max(covered.shape)), 0, 1)


def _enlarged(field: Floats, picture: Mask) -> Floats:
    """A field on the coarse grid, in the size of a picture (H, W)."""
    return np.asarray(cv2.resize(field, picture.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _covered(mask: Mask) -> Floats:
    """1 where the garment and its rim are, on a coarse grid, else 0."""
    height, width = mask.shape
    size = max(4, width // _COARSE), max(4, height // _COARSE)
    coarse = cv2.resize((mask > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    rim = max(1, round(_RIM * max(size)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1,) * 2)
    return np.asarray(cv2.dilate((coarse > 0).astype(np.uint8), disc), np.float32)


def _emptiest(rgb: Pixels, covered: Floats) -> Pixels | None:
    """The largest of a few squares of the photo that shows next to nothing of the garment."""
    total = cv2.integral(covered.astype(np.uint8))
    for share in _PATCHES:
        side = max(2, round(share * min(covered.shape)))
        counts = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
        if counts.min() < 0.01 * side * side:
            y, x = (_COARSE * int(place) for place in np.unravel_index(int(counts.argmin()), counts.shape))
            return rgb[y : y + _COARSE * side, x : x + _COARSE * side]
    return None


def _detail(patch: Pixels) -> Floats:
    """What a patch adds to its own soft light."""
    size = patch.shape[1], patch.shape[0]
    coarse = cv2.resize(patch, (max(2, size[0] // 8), max(2, size[1] // 8)), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), max(0.5, size[0] / 48)), size, interpolation=cv2.INTER_LINEAR)
    return patch.astype(np.float32) - soft.astype(np.float32)


def _tiled(patch: Floats, height: int, width: int) -> Floats:
    """The patch repeated in mirror image over (height, width)."""
    tile = np.concatenate([patch, patch[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    repeats = -(-height // tile.shape[0]), -(-width // tile.shape[1]), 1
    return np.tile(tile, repeats)[:height, :width]


def _light_around(rgb: Pixels, covered: Floats) -> Floats:
    """The photo's soft light on the coarse grid, carried into what is covered, (h, w, 3)."""
    coarse = cv2.resize(rgb, covered.shape[::-1], interpolation=cv2.INTER_AREA)
    seen = 1 - covered
    light = (coarse * seen[..., None]).astype(np.float32)
    sigma = _HAZE * max(covered.shape)
    near, far = (_averaged(light, seen, factor * sigma) for factor in (1, 4))
    trust = np.clip(4 * cv2.GaussianBlur(seen, (0, 0), sigma), 0, 1)[..., None]
    return np.asarray(trust * near + (1 - trust) * far, np.float32)


def _averaged(light: Floats, weight: Floats, sigma: float) -> Floats:
    """`light` per `weight` within a distance."""
    total = cv2.GaussianBlur(light, (0, 0), sigma)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-4)[..., None]


def choose_background(
    backgrounds: Sequence[Pixels], height: int, width: int, procedural: float, random: np.random.Generator
) -> Pixels:
    """A background of (height, width, 3): a procedural one with probability `procedural` or if none is given."""
    if not len(backgrounds) or random.random() < procedural:
        return procedural_background(height, width, random)
    return _cut(backgrounds[int(random.integers(len(backgrounds)))], height, width, random)


def _cut(background: Pixels, height: int, width: int, random: np.random.Generator) -> Pixels:
    """A part of the background in the picture's shape, at random turned over."""
    if random.random() < 0.5:
        background = background[:, ::-1]
    if (background.shape[0] > background.shape[1]) != (height > width):
        background = background.transpose(1, 0, 2)
    scale = min(background.shape[0] / height, background.shape[1] / width) * random.uniform(0.8, 1.0)
    rows, columns = max(1, int(height * scale)), max(1, int(width * scale))
    y, x = (int(random.integers(room + 1)) for room in (background.shape[0] - rows, background.shape[1] - columns))
    part = np.ascontiguousarray(background[y : y + rows, x : x + columns])
    return cast("Pixels", cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR))
