"""Light on cloth and ground, and what a phone camera makes of it."""

from __future__ import annotations

import cv2
import numpy as np

from seamline.synthetic.noise import Field, grain
from seamline.synthetic.patterns import Image
from seamline.synthetic.scene import Camera, Light

_HEIGHT = 0.95

_SATURATION, _HAZE = 0.86, 0.042
"""Cameras and dusty light dull dyes and lift blacks."""


def shade(height: Field, gloss: Field | None, light: Light, density: float) -> tuple[Field, Field]:
    """Diffuse factor (about 1 on flat cloth) and highlight (0..1) from a height field in cm; None is no gloss."""
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=density / 8)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=density / 8)
    angle = np.radians(light.azimuth)
    lx, ly = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    facing = -(slope_x * lx + slope_y * ly)
    facing = np.clip(facing, -1.6, 1.6)
    steep = np.sqrt(1 + np.minimum(slope_x**2 + slope_y**2, 4.0))
    diffuse = (_HEIGHT + light.contrast * 0.85 * facing) / (steep * _HEIGHT)
    diffuse = 0.35 + 0.65 * np.clip(diffuse, 0.05, 1.9)
    sheen = np.clip(facing, -0.3, 1.2) * 0.085
    mirrored = 0.0 if gloss is None else 1.3 * gloss * np.clip(facing - 0.12, 0, 1) ** 1.5
    highlight = np.maximum(mirrored + sheen, -0.025)
    return diffuse.astype(np.float32), highlight.astype(np.float32)


def garment_shadow(cover: Field, light: Light, density: float, lifted: float) -> Field:
    """Factor (H, W) by which the garment darkens the ground: a tight contact shadow, a soft one off the light."""
    angle = np.radians(light.azimuth)
    reach = (0.9 + 2.2 * lifted) * density
    move = np.array([[1, 0, -np.cos(angle) * reach], [0, 1, -np.sin(angle) * reach]], float)
    size = (cover.shape[1], cover.shape[0])
    thrown = cv2.warpAffine(cover, move, size)
    soft = _blur(thrown, (1.1 + 1.5 * lifted) * density)
    tight = _blur(cover, 0.5 * density)
    return np.asarray((1 - light.shadow * 0.75 * soft) * (1 - 0.45 * light.shadow * tight), np.float32)


def _blur(field: Field, spread: float) -> Field:
    """Gaussian blur; wide ones at a lower resolution, where they cost little."""
    if spread < 4:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), max(0.3, spread)), np.float32)
    height, width = field.shape
    small = cv2.resize(field, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), spread / 4)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def expose(
    picture: Image, light: Light, camera: Camera, rng: np.random.Generator
) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Uneven light, white balance, contrast, blur and grain: linear-ish colours to 8-bit sRGB."""
    height, width = picture.shape[:2]
    angle = np.radians(light.azimuth)
    ys = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    xs = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    toward = xs * np.float32(np.cos(angle)) + ys * np.float32(np.sin(angle))
    uneven = (1 + 0.5 * light.falloff * toward) * (1 - light.vignette * 0.5 * (xs**2 + ys**2))
    warm = np.array([1 + 0.07 * light.warmth, 1.0, 1 - 0.09 * light.warmth], np.float32) * (255 * light.exposure)
    out = picture * uneven[..., None]
    out += (_HAZE) + (_SATURATION - 1) * (out - out.mean(2, keepdims=True))
    out *= warm
    if camera.softness > 0.3:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), camera.softness), np.float32)
    if camera.noise > 0:
        out += (255 * camera.noise) * grain(rng, (height, width))[..., None]
        out[..., 2] += (120 * camera.noise) * grain(rng, (height, width))
    return np.asarray(cv2.LUT(np.clip(out * 0.75, 0, 255).astype(np.uint8), _TONE))


def _tone_curve() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """A phone's curve over 0..4/3 of full light: a little contrast in the middle, soft highlights."""
    light = np.arange(256) / 255 / 0.75
    curved = light + 0.06 * np.sin(2 * np.pi * np.clip(light, 0, 1)) * -1
    soft = np.where(curved > 0.7, 0.7 + 0.27 * np.tanh((curved - 0.7) / 0.36), curved)
    return np.clip(soft * 255 + 0.5, 0, 255).astype(np.uint8)


_TONE = _tone_curve()
