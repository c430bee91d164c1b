"""What a photo goes through between camera and platform: blur, noise, a smaller size, a watermark, JPEG."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.overlays import watermarked
from seamline.data.copies.params import PhotoParams
from seamline.data.copies.sample import GarmentSample
from seamline.data.jpeg import recompressed


def degraded(taken: GarmentSample, params: PhotoParams, random: np.random.Generator) -> GarmentSample:
    """Softer and noisier, smaller, marked, and through JPEG."""
    rgb = _grained(taken.rgb, random.uniform(*params.softness), random.uniform(*params.noise), random)
    height, width = taken.mask.shape
    scale = random.uniform(*params.size)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    rgb, mask = (np.asarray(cv2.resize(it, size, interpolation=cv2.INTER_AREA), np.uint8) for it in (rgb, taken.mask))
    if random.random() < params.watermark:
        rgb = watermarked(rgb, random.uniform(*params.watermark_opacity), random)
    points = taken.points * np.array([size[0] / width, size[1] / height, 1.0], np.float32)
    rgb = recompressed(rgb, round(random.uniform(*params.quality)))
    return GarmentSample(rgb, np.where(mask > 127, 255, 0).astype(np.uint8), points.astype(np.float32), taken.category)


def _grained(rgb: Pixels, softness: float, noise: float, random: np.random.Generator) -> Pixels:
    if softness > 0.25:
        rgb = cast("Pixels", cv2.GaussianBlur(rgb, (0, 0), softness))
    if noise <= 0:
        return rgb
    grain = random.standard_normal(rgb.shape[:2], np.float32) * np.float32(noise)
    return cast("Pixels", cv2.add(rgb, cv2.merge([grain] * 3), dtype=cv2.CV_8U))
