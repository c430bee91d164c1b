"""A part's cloth: its main colour told apart from folds and light, and new colours for it."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask
from seamline.synthetic.design import Colour
from seamline.synthetic.palette import cloth_colour

_LIGHTNESS = 0.35
"""How much of a difference in lightness counts when colours are compared: folds differ in lightness, prints in hue."""
_SPREAD = 9.0
"""Distance in Lab at which a pixel is no longer taken for the main colour."""


@dataclasses.dataclass(frozen=True)
class Cloth:
    """A part's cloth. `lab`: its main colour, 8-bit Lab; `rgb`: the same in RGB; `plain` (h, w): 0..1, how far a
    pixel shows it; `share`: mean of `plain` in the part; `light` (h, w): factor of folds and light around 1."""

    lab: Floats
    rgb: Floats
    plain: Floats
    share: float
    light: Floats


def cloth_of(pixels: Pixels, mask: Mask) -> Cloth:
    """The cloth that pixels (h, w, 3) show within a mask (h, w), which may not be empty."""
    lab = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), np.float32)
    inside = mask > 0
    main = main_colour(lab[inside])
    plain = _likeness(lab, main) * inside
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)
    rgb = rgb_of(main)
    level = max(12.0, float(np.average(grey[inside], weights=plain[inside] + 1e-3)))
    share = float(plain[inside].mean())
    light = _light(grey, plain, inside, level, share)
    return Cloth(main, rgb, plain, share, light)


def main_colour(lab: Floats) -> Floats:
    """The commonest colour of pixels (N, 3)."""
    some = lab[:: max(1, len(lab) // 4000)]
    coarse = (some / (32, 10, 10)).astype(np.int32)
    keys = coarse[:, 0] * 10000 + coarse[:, 1] * 100 + coarse[:, 2]
    values, counts = np.unique(keys, return_counts=True)
    main = some[keys == values[counts.argmax()]].mean(0)
    for _ in range(2):
        weight = _likeness(some, main) + 1e-6
        main = np.average(some, axis=0, weights=weight)
    return np.asarray(main, np.float32)


def rgb_of(lab: Floats) -> Floats:
    """One colour, 8-bit Lab, as RGB 0..255."""
    pixel = np.clip(np.round(lab), 0, 255).astype(np.uint8)[None, None]
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_LAB2RGB)[0, 0], np.float32)


def lab_of(rgb: Floats) -> Floats:
    """One colour, RGB 0..255, as 8-bit Lab."""
    pixel = np.clip(np.round(rgb), 0, 255).astype(np.uint8)[None, None]
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0], np.float32)


def as_colour(rgb: Floats) -> Colour:
    """RGB 0..255 as whole numbers."""
    red, green, blue = np.clip(np.round(rgb), 0, 255).astype(int)
    return int(red), int(green), int(blue)


def distinct_colour(old: Floats, contrast: tuple[float, float], random: np.random.Generator) -> Colour:
    """A cloth colour whose distance from the old one (8-bit Lab) is within the range, or nearest to it."""
    best, miss = (128, 128, 128), np.inf
    for _ in range(24):
        colour = cloth_colour(random)
        apart = colour_difference(old, lab_of(np.array(colour, np.float32)))
        off = max(contrast[0] - apart, apart - contrast[1], 0.0)
        if off < miss:
            best, miss = colour, off
        if not off:
            break
    return best


def colour_difference(first: Floats, second: Floats) -> float:
    """Of two colours in 8-bit Lab, on the scale of CIELAB."""
    return float(np.hypot((first[0] - second[0]) / 2.55, np.hypot(*(first[1:] - second[1:]))))


def evenly_lit(rgb: Pixels, mask: Mask) -> Floats:
    """RGB 0..255 without the broad light and shade within the mask."""
    inside = (mask > 0).astype(np.float32)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    broad = _smoothed(grey, inside, max(3.0, 0.15 * max(grey.shape)))
    level = float(grey[mask > 0].mean()) if inside.any() else 128.0
    return np.asarray(rgb * np.clip(level / np.maximum(broad, 1), 0.6, 1.6)[..., None], np.float32)


def _likeness(lab: Floats, main: Floats) -> Floats:
    apart = lab - main
    square = (_LIGHTNESS * apart[..., 0]) ** 2 + apart[..., 1] ** 2 + apart[..., 2] ** 2
    return np.asarray(np.exp(square * np.float32(-0.5 / _SPREAD**2)), np.float32)


def _light(grey: Floats, plain: Floats, inside: NDArray[np.bool_], level: float, share: float) -> Floats:
    """Broad light from where the cloth is plain; fine folds and grain only there, so that no print shines through.

    The less of the part is plain, the broader and fainter is what is taken for light.
    """
    printed = max(0.0, 0.6 - share)
    blur = max(3.0, (0.02 + 0.15 * printed) * max(grey.shape))
    sure = np.asarray(cv2.erode(plain, np.ones((3, 3), np.uint8)), np.float32)
    broad = _smoothed(grey, sure + 0.02 * inside, blur)
    fine = np.clip(grey / np.maximum(broad, 1) - 1, -0.35, 0.35) * sure
    light = np.maximum(broad / level, 0.2) * (1 + fine)
    calm = np.clip(level / 70, 0.55, 1.0) * (1 - printed)
    return np.asarray(np.clip(light, 0.35, 1.7) ** np.float32(calm), np.float32)


def _smoothed(values: Floats, weights: Floats, blur: float) -> Floats:
    """Blurred values (h, w), each counting by its weight; a half-size picture will do."""
    step = max(1, int(blur // 3))
    size = max(2, values.shape[1] // step), max(2, values.shape[0] // step)
    small = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (values * weights, weights)]
    total, weight = (cv2.GaussianBlur(part, (0, 0), blur / step) for part in small)
    mean = total / np.maximum(weight, 1e-4)
    return np.asarray(cv2.resize(mean, values.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
