"""Edits that sew something on: a contrast collar band, a placket, a pocket, bands of another colour.

Each returns None where it cannot be done.
"""

from __future__ import annotations

import cv2
import numpy as np

from seamline.data.copies.cloth import distinct_colour
from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.landmarks import landmark, landmarks, neckline
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.zones import group_of, trunk_width
from seamline.synthetic.palette import metal_colour


def collar_band(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A band of another colour along the neckline."""
    ends, bottom = landmarks(region.sample, "neck_left", "neck_right"), landmark(region.sample, "neck_bottom")
    if region.index != 0 or ends is None or bottom is None:
        return None
    curve = neckline(ends, bottom, random.uniform(0, 0.3)) - region.corner
    patch = np.zeros(region.inside.shape, np.uint8)
    thick = max(3, round(trunk_width(region.sample) * random.uniform(0.09, 0.16)))
    cv2.polylines(patch, [np.round(curve * 16).astype(np.int32)], False, (255,), thick, cv2.LINE_AA, 4)
    return _sewn(region, patch, random)


def placket(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A strip with buttons down the middle of the chest."""
    if region.index != 1 or group_of(region.sample) not in ("sleeved", "sleeveless"):
        return None
    across, along = region.frame.coordinates(region.inside.shape)
    half = region.frame.width * random.uniform(0.05, 0.1)
    patch = np.where(np.abs(across) < half, 255, 0).astype(np.uint8)
    return _sewn(region, patch, random, _buttons(region, across, along, half, random))


def pockets(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """One or two patch pockets of another colour."""
    if region.index not in (1, 2) or (region.index == 2 and group_of(region.sample) == "legs"):
        return None
    across, along = region.frame.coordinates(region.inside.shape)
    size = min(random.uniform(0.24, 0.34) * region.frame.width, 0.75 * region.frame.length)
    aside = random.uniform(0.22, 0.28) * region.frame.width
    patch = np.zeros(region.inside.shape, bool)
    for sign in (-1, 1) if random.random() < 0.5 else (int(random.choice([-1, 1])),):
        x, y = np.abs(across - sign * aside), along + random.uniform(0.0, 0.1) * region.frame.length
        point = np.clip(size * 0.55 - y, 0, size * 0.15) / (size * 0.15)
        patch |= (x < size / 2) & (np.abs(y) < size * 0.55) & (x < size * (0.3 + 0.2 * point))
    return _sewn(region, np.where(patch, 255, 0).astype(np.uint8), random)


def bands(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """Broad bands or a block of another colour across the part or down it."""
    across, along = region.frame.coordinates(region.inside.shape)
    place_, whole = (along, region.frame.length) if random.random() < 0.7 else (across, region.frame.width)
    count, wide = int(random.integers(1, 4)), random.uniform(0.25, 0.5)
    phase = np.mod(place_ / whole * count + random.uniform(0, 1), 1.0)
    patch = np.where(phase < wide, 255, 0).astype(np.uint8)
    return _sewn(region, patch, random)


def _buttons(region: EditRegion, across: Floats, along: Floats, half: float, random: np.random.Generator) -> Mask:
    spacing = region.frame.length / random.integers(3, 7)
    down = np.mod(along, spacing) - spacing / 2
    return np.where(np.hypot(across, down) < max(1.5, 0.35 * half), 255, 0).astype(np.uint8)


def _sewn(region: EditRegion, patch: Mask, random: np.random.Generator, buttons: Mask | None = None) -> GarmentSample:
    """A patch of plain cloth with a seam around it and a line of stitches within."""
    colour = distinct_colour(region.cloth.lab, region.params.contrast, random)
    soft = np.asarray(cv2.GaussianBlur(patch, (0, 0), 0.9), np.float32) / 255
    rim = 4 * soft * (1 - soft)
    inner = np.asarray(cv2.GaussianBlur(cv2.erode(patch, np.ones((7, 7), np.uint8)), (0, 0), 0.7), np.float32) / 255
    tone = 1 - 0.3 * rim - 0.15 * 4 * inner * (1 - inner)
    new = np.array(colour, np.float32) * (tone * region.cloth.light)[..., None]
    if buttons is not None:
        dots = np.asarray(cv2.GaussianBlur(buttons, (0, 0), 0.7), np.float32)[..., None] / 255
        new = new + dots * (np.array(metal_colour(random), np.float32) - new)
    return region.with_window(np.asarray(new, np.float32), np.maximum(soft, 0.5 * rim))
