"""The light at the second photo: its colour, where it comes from, a flash, shade, and the folds that it shows."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, cast

import cv2
import numpy as np

from seamline.data.copies.light import cast_shadow, dropped_shadow, fall_off
from seamline.data.copies.sample import Floats
from seamline.data.photographer.strengths import Strengths
from seamline.synthetic.noise import smooth_noise

PLANCKIAN = np.array([0.42, 0.0, -1.0], np.float32)
"""How the logarithms of red, green and blue change as a light gets warmer: about the course of daylight and lamps
between 3,000 and 8,000 kelvin in linear sRGB, in units of the logarithm of blue over green."""

_WARMEST, _COOLER = 1.5, 0.45


@dataclasses.dataclass(frozen=True)
class LightParams(Strengths):
    """Spreads (standard deviations), largest values and probabilities.

    `warmth`: spread of the logarithm of blue over green (0.45 is daylight against 4,500 kelvin, 1.3 a bulb) of warmer
    lights, of which rooms are full; cooler ones differ less; `tint`: spread of the logarithm of green; `fall_off`:
    largest share of the light that is lost across the picture; `flash`: probability of a flash, which falls off with
    the square of the distance; `shaded`: probability that something throws a shadow that takes at most `shade_depth`
    of the light; `shadow`: largest share that the garment takes from the ground beside it; `folds`: how much light and
    dark they add, as a share of the light.
    """

    CHANCES: ClassVar[tuple[str, ...]] = ("flash", "shaded", "shade_depth", "shadow")

    warmth: float = 1.4
    tint: float = 0.08
    fall_off: float = 0.35
    flash: float = 0.1
    shaded: float = 0.15
    shade_depth: float = 0.45
    shadow: float = 0.45
    folds: float = 0.12


def illuminant(params: LightParams, random: np.random.Generator) -> Floats:
    """Red, green and blue (3,) of the light, against that of the first photo."""
    warmth, tint = random.standard_normal(2) * (params.warmth, params.tint)
    warmth, tint = np.clip(warmth if warmth > 0 else _COOLER * warmth, -_WARMEST, _WARMEST), np.clip(tint, -0.5, 0.5)
    return np.exp(warmth * PLANCKIAN + tint * np.array([0, 1, 0])).astype(np.float32)


def brightness(size: tuple[int, int], params: LightParams, random: np.random.Generator) -> Floats:
    """Factor (H, W) of the light over a picture of `size` (width, height)."""
    share, angle = min(1.2, params.fall_off) * random.random(), random.uniform(0, 2 * np.pi)
    field = fall_off(share, angle)
    if random.random() < params.flash:
        field = _flashed(field, random)
    if random.random() < params.shaded:
        field = field * (1 - params.shade_depth * random.uniform(0.3, 1.0) * cast_shadow(random))
    return cast("Floats", cv2.resize(field, size, interpolation=cv2.INTER_LINEAR))


def _flashed(field: Floats, random: np.random.Generator) -> Floats:
    """The field with a flash, whose light spreads from above the picture's middle over a flat ground."""
    places = np.linspace(-0.5, 0.5, len(field), dtype=np.float32)
    aside = places - random.normal(0, 0.08)
    away = places[:, None] - random.normal(0, 0.08)
    height, share = random.uniform(0.6, 1.2), random.uniform(0.3, 0.8)
    # Inverse square of the distance, times the cosine of the angle to the ground.
    lit = (1 + (aside**2 + away**2) / height**2) ** -1.5
    return np.asarray((1 - share) * field + share * 1.4 * lit, np.float32)


def contact_shadow(matte: Floats, params: LightParams, random: np.random.Generator) -> Floats:
    """What is left of the light (H, W) beside a garment's matte (H, W)."""
    reach = random.uniform(0.006, 0.035) * max(matte.shape)
    return dropped_shadow(matte, reach, params.shadow * random.uniform(0.3, 1.0), random)


def folds(size: tuple[int, int], params: LightParams, random: np.random.Generator) -> Floats:
    """Factor (H, W) about 1 of long folds and soft dents of cloth under light from one side."""
    small = max(8, size[0] // 4), max(8, size[1] // 4)
    side = int(np.hypot(*small)) + 2
    long = smooth_noise(random, (side, side), (side * random.uniform(0.15, 0.4), side * random.uniform(0.03, 0.08)))
    dents = smooth_noise(random, (side, side), (side * 0.12, side * 0.12))
    fine = smooth_noise(random, (side, side), (side * 0.06, side * 0.03))
    slope = np.gradient(long, axis=1) / 0.12 + 0.6 * dents + np.gradient(fine, axis=0)
    turn = np.array(cv2.getRotationMatrix2D((side / 2, side / 2), random.uniform(0, 180), 1.0), np.float64)
    turn[:, 2] += (np.array(small) - side) / 2
    turned = cv2.warpAffine(np.asarray(slope, np.float32), turn, small, borderMode=cv2.BORDER_REFLECT_101)
    shading = 1 + params.folds * random.uniform(0.3, 1.2) * np.clip(turned, -2.5, 2.5)
    return cast("Floats", cv2.resize(np.maximum(shading, 0.2), size, interpolation=cv2.INTER_CUBIC))
