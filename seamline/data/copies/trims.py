"""Edits that sew something on: a contrast collar band, a placket, a pocket, bands of another colour.

Each returns None where it cannot be done.
"""

from __future__ import annotations

import cv2
import numpy as np

from seamline.data.copies.dyes import Colour, dye
from seamline.data.copies.outline import neckline, place, places
from seamline.data.copies.shading import Cloth
from seamline.data.copies.site import Site
from seamline.data.copies.specimen import Floats, Mask, Specimen
from seamline.data.copies.zones import group_of, trunk_width
from seamline.synthetic.palette import metal_colour


def collar_band(site: Site, random: np.random.Generator) -> Specimen | None:
    """A band of another colour along the neckline."""
    ends, bottom = places(site.specimen, "neck_left", "neck_right"), place(site.specimen, "neck_bottom")
    if site.region != 0 or ends is None or bottom is None:
        return None
    curve = neckline(ends, bottom, random.uniform(0, 0.3)) - site.corner
    patch = np.zeros(site.inside.shape, np.uint8)
    thick = max(3, round(trunk_width(site.specimen) * random.uniform(0.09, 0.16)))
    cv2.polylines(patch, [np.round(curve * 16).astype(np.int32)], False, (255,), thick, cv2.LINE_AA, 4)
    cloth = site.cloth
    return _sewn(site, cloth, patch, dye(cloth.lab, site.strength.contrast, random))


def placket(site: Site, random: np.random.Generator) -> Specimen | None:
    """A strip with buttons down the middle of the chest."""
    if site.region != 1 or group_of(site.specimen) not in ("sleeved", "sleeveless"):
        return None
    across, along = site.frame.coordinates(site.inside.shape)
    half = site.frame.width * random.uniform(0.05, 0.1)
    patch = np.where(np.abs(across) < half, 255, 0).astype(np.uint8)
    cloth = site.cloth
    buttons = _buttons(site, across, along, half, random)
    return _sewn(site, cloth, patch, dye(cloth.lab, site.strength.contrast, random), buttons, metal_colour(random))


def pockets(site: Site, random: np.random.Generator) -> Specimen | None:
    """One or two patch pockets of another colour."""
    if site.region not in (1, 2) or (site.region == 2 and group_of(site.specimen) == "legs"):
        return None
    across, along = site.frame.coordinates(site.inside.shape)
    size = min(random.uniform(0.24, 0.34) * site.frame.width, 0.75 * site.frame.length)
    aside = random.uniform(0.22, 0.28) * site.frame.width
    patch = np.zeros(site.inside.shape, bool)
    for sign in (-1, 1) if random.random() < 0.5 else (int(random.choice([-1, 1])),):
        x, y = np.abs(across - sign * aside), along + random.uniform(0.0, 0.1) * site.frame.length
        point = np.clip(size * 0.55 - y, 0, size * 0.15) / (size * 0.15)
        patch |= (x < size / 2) & (np.abs(y) < size * 0.55) & (x < size * (0.3 + 0.2 * point))
    cloth = site.cloth
    return _sewn(site, cloth, np.where(patch, 255, 0).astype(np.uint8), dye(cloth.lab, site.strength.contrast, random))


def bands(site: Site, random: np.random.Generator) -> Specimen | None:
    """Broad bands or a block of another colour across the part or down it."""
    cloth = site.cloth
    across, along = site.frame.coordinates(site.inside.shape)
    place_, whole = (along, site.frame.length) if random.random() < 0.7 else (across, site.frame.width)
    count, wide = int(random.integers(1, 4)), random.uniform(0.25, 0.5)
    phase = np.mod(place_ / whole * count + random.uniform(0, 1), 1.0)
    patch = np.where(phase < wide, 255, 0).astype(np.uint8)
    return _sewn(site, cloth, patch, dye(cloth.lab, site.strength.contrast, random))


def _buttons(site: Site, across: Floats, along: Floats, half: float, random: np.random.Generator) -> Mask:
    spacing = site.frame.length / random.integers(3, 7)
    down = np.mod(along, spacing) - spacing / 2
    return np.where(np.hypot(across, down) < max(1.5, 0.35 * half), 255, 0).astype(np.uint8)


def _sewn(
    site: Site, cloth: Cloth, patch: Mask, colour: Colour, buttons: Mask | None = None, metal: Colour = (0, 0, 0)
) -> Specimen:
    """A patch of plain cloth with a seam around it and a line of stitches within."""
    soft = np.asarray(cv2.GaussianBlur(patch, (0, 0), 0.9), np.float32) / 255
    rim = 4 * soft * (1 - soft)
    inner = np.asarray(cv2.GaussianBlur(cv2.erode(patch, np.ones((7, 7), np.uint8)), (0, 0), 0.7), np.float32) / 255
    tone = 1 - 0.3 * rim - 0.15 * 4 * inner * (1 - inner)
    new = np.array(colour, np.float32) * (tone * cloth.light)[..., None]
    if buttons is not None:
        dots = np.asarray(cv2.GaussianBlur(buttons, (0, 0), 0.7), np.float32)[..., None] / 255
        new = new + dots * (np.array(metal, np.float32) - new)
    return site.with_window(np.asarray(new, np.float32), np.maximum(soft, 0.5 * rim))
