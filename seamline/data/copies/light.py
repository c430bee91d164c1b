"""The light of a photo: exposure, contrast, white balance, fall-off, the shadow of something beside the camera."""

from __future__ import annotations

import dataclasses
from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask

_COARSE = 48
"""Side of the grid on which the fields of light are computed."""


@dataclasses.dataclass(frozen=True)
class Light:
    """`exposure` and `contrast`: exponents of e, 0 changes nothing; `balance`: the same per channel; `fall_off`:
    share of the light that is lost from one side of the picture to the other, which comes from `angle` (radians);
    `shade`: share that a cast shadow takes, 0 for none."""

    exposure: float
    contrast: float
    balance: tuple[float, float, float]
    fall_off: float
    angle: float
    shade: float


def relit(rgb: Pixels, light: Light, random: np.random.Generator) -> Pixels:
    """The picture (H, W, 3) under that light; `random` draws the cast shadow's form."""
    toned = cv2.LUT(rgb, _curve(light))
    height, width = rgb.shape[:2]
    field = fall_off(light.fall_off, light.angle)
    if light.shade > 0:
        field = field * (1 - light.shade * cast_shadow(random))
    full = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    return cast("Pixels", cv2.multiply(toned, cv2.merge([full] * 3), dtype=cv2.CV_8U))


def _curve(light: Light) -> Mask:
    """(1, 256, 3): what becomes of each value of each channel."""
    values = np.arange(256, dtype=np.float32)[:, None] / 255
    curved = values ** np.exp(light.contrast) * np.exp(light.exposure + np.array(light.balance))
    return (np.clip(_shouldered(curved), 0, 1) * 255 + 0.5).astype(np.uint8)[None]


def _shouldered(values: Floats) -> Floats:
    """Values that end softly instead of being cut off at 1, as a camera's curve does."""
    knee = 0.85
    beyond = np.maximum(values - knee, 0)
    return np.where(values > knee, knee + (1 - knee) * (1 - np.exp(-beyond / (1 - knee))), values)


def fall_off(share: float, angle: float) -> Floats:
    """Factor (48, 48), stretched over a picture, of light that comes from `angle` (radians) and loses a `share`."""
    places = np.linspace(-0.5, 0.5, _COARSE, dtype=np.float32)
    along = places * np.cos(angle) + places[:, None] * np.sin(angle)
    return (1 + share * along).astype(np.float32)


def cast_shadow(random: np.random.Generator) -> Floats:
    """0 to 1 (48, 48), stretched over a picture: beyond a soft edge, or the bars of a window."""
    places = np.linspace(-0.5, 0.5, _COARSE, dtype=np.float32)
    angle = random.uniform(0, 2 * np.pi)
    along = places * np.cos(angle) + places[:, None] * np.sin(angle)
    soft = random.uniform(8, 40)
    if random.random() < 0.3:
        period = random.uniform(0.2, 0.45)
        waves = np.sin(2 * np.pi * along / period + random.uniform(0, 6)) * period * 0.16
        return np.asarray(1 / (1 + np.exp(-soft * (waves - 0.01))), np.float32)
    curved = along + random.uniform(-0.4, 0.4) * (places * np.sin(angle) - places[:, None] * np.cos(angle)) ** 2
    return np.asarray(1 / (1 + np.exp(-soft * (curved - random.uniform(-0.1, 0.35)))), np.float32)


def dropped_shadow(matte: Floats, reach: float, depth: float, random: np.random.Generator) -> Floats:
    """What is left of the background's light (H, W) around a garment's matte (H, W) lying on it.

    `reach`: how far the shadow goes, in pixels; `depth`: the share of the light that it takes.
    """
    height, width = matte.shape
    small = cv2.resize(matte, (max(2, width // 4), max(2, height // 4)), interpolation=cv2.INTER_AREA)
    angle = random.uniform(0, 2 * np.pi)
    shift = np.array([[1, 0, reach * np.cos(angle) / 4], [0, 1, reach * np.sin(angle) / 4]], np.float32)
    moved = cv2.warpAffine(small, shift, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    wide = cv2.GaussianBlur(moved, (0, 0), max(0.6, reach / 5))
    close = cv2.GaussianBlur(small, (0, 0), max(0.5, reach / 16))
    left = 1 - depth * np.maximum(0.8 * wide, 0.6 * close)
    return cast("Floats", cv2.resize(left, (width, height), interpolation=cv2.INTER_LINEAR))
