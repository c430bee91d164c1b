"""The camera: how it meters, balances, clips, curves and grains the light that it sees."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar, cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats
from seamline.data.photographer.radiance import LUMINANCE, encoded, thumbnail
from seamline.data.photographer.strengths import Strengths
from seamline.data.photographer.white_balance import KINDS, gains
from seamline.synthetic.noise import grain

_LEVELS = 4096
_BRIGHTEST, _STRONGEST_CURVE = 1.0, 0.8
_KNEE, _MOST_HELD = 0.6, 2.2
"""Linear light from which highlights are rolled off, and the brightest that is not clipped."""


@dataclasses.dataclass(frozen=True)
class CameraParams(Strengths):
    """Spreads (standard deviations) and largest values.

    `metered`: how far the camera brings the picture to the brightness of the first photo, 1 is all the way, so that a
    dark ground makes the garment bright; `exposure`: spread of the logarithm of what the photographer adds;
    `balanced`: largest share of the light's estimated colour that is taken away, mostly nearly all; `contrast`:
    spread of the S-shaped curve, of which 1 is a smooth step; `saturation`: spread of the logarithm of colourfulness;
    `noise`: largest spread of the grain, in levels of 255.
    """

    CHANCES: ClassVar[tuple[str, ...]] = ("metered", "balanced")

    metered: float = 0.8
    exposure: float = 0.65
    balanced: float = 1.0
    contrast: float = 0.25
    saturation: float = 0.12
    noise: float = 4.0


def taken(light: Floats, first: float, params: CameraParams, random: np.random.Generator) -> Pixels:
    """The picture (H, W, 3) that a camera makes of linear light (H, W, 3).

    `first`: the mean luminance of the first photo, that is of a picture that is exposed well.
    """
    sample = thumbnail(light)
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    completeness = params.balanced * (1 - 0.7 * random.random() ** 2)
    balance = gains(sample, kind, completeness)
    exposure = _exposure(sample, first, params, random)
    brightest = float(np.clip(exposure * balance.max(), 1.0, _MOST_HELD))
    colours = _saturated(params.saturation * random.standard_normal()) @ np.diag(balance * exposure / brightest)
    # The square root makes the spread of a light's shot noise the same at all levels, and keeps the shades apart.
    seen = np.asarray(cv2.transform(light, colours.astype(np.float32)), np.float32)
    root = np.sqrt(np.clip(seen, 0, 1, out=seen), out=seen)
    _grain(root, params.noise * random.random() / 255, random)
    root *= _LEVELS - 1
    return np.take(_curve(params.contrast * random.standard_normal(), brightest), root.astype(np.int16), mode="clip")


def _exposure(sample: Floats, first: float, params: CameraParams, random: np.random.Generator) -> float:
    """Factor of the light: metered, and then as the photographer likes it."""
    seen = max(1e-3, float((sample @ LUMINANCE).mean()))
    added = np.clip(params.exposure * random.standard_normal(), -_BRIGHTEST, _BRIGHTEST)
    metered = np.clip(np.log(max(1e-3, first) / seen), -_BRIGHTEST, _BRIGHTEST)
    return float(np.exp(params.metered * metered + added))


def _saturated(amount: float) -> Floats:
    """The matrix (3, 3) that makes colours stronger by exp(amount), luminance unchanged."""
    factor = float(np.exp(np.clip(amount, -0.6, 0.6)))
    return (factor * np.eye(3) + (1 - factor) * LUMINANCE[None, :]).astype(np.float32)


def _grain(root: Floats, spread: float, random: np.random.Generator) -> None:
    """Add noise that is mostly the same in all channels, in place."""
    if spread <= 0:
        return
    common = grain(random, root.shape[:2])
    for channel in range(3):
        own = grain(random, root.shape[:2])
        root[..., channel] += np.float32(spread) * (0.8 * common + 0.6 * own)


def _curve(contrast: float, brightest: float) -> Pixels:
    """The value (N,), 0..255, of each square root of light, 1 being `brightest` times white: highlights rolled off,
    sRGB, then an S about the middle of the values."""
    light = (np.arange(_LEVELS, dtype=np.float32) / (_LEVELS - 1)) ** 2 * np.float32(brightest)
    values = encoded(_rolled_off(light, brightest))
    step = values * values * (3 - 2 * values)
    curved = values + np.clip(contrast, -_STRONGEST_CURVE, _STRONGEST_CURVE) * (step - values)
    return cast("Pixels", (np.clip(curved, 0, 1) * 255 + 0.5).astype(np.uint8))


def _rolled_off(light: Floats, brightest: float) -> Floats:
    """Light from 0 to `brightest` as 0 to 1, bent smoothly from a knee on; unchanged where the brightest is 1."""
    room, beyond = 1 - _KNEE, brightest - _KNEE
    bend = 0.0
    for _ in range(30):  # the bend with which the curve leaves the knee straight on and ends at 1
        bend = (1 - math.exp(-bend * beyond)) / room if bend else (brightest - 1) / room**2
    if bend * beyond < 0.02:
        return np.minimum(light, 1)
    over = room * (1 - np.exp(-bend * (light - _KNEE))) / (1 - math.exp(-bend * beyond))
    return np.where(light > _KNEE, _KNEE + over, light).astype(np.float32)
