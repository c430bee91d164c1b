"""How cloth looks on a person: the photo's own light and folds, its white balance, and the edges of what is worn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.data.copies.cloth import cloth_of
from seamline.data.copies.sample import Floats, Mask

_BAND = 3
"""Width in pixels of the edge in which cloth and what is beside it mix."""

_ADAPTED = 0.45
"""How far the cloth takes over the balance and exposure of the person's photo: part of either is the camera's own."""

_PLAIN = 0.55
"""Share of a garment from which on its main colour tells its light."""

_KNEE = 0.88
"""Brightness of 1 from which on what is brighter ends softly."""

_HAZE = 0.04
"""Brightness of 1 of black cloth in the open: it mirrors the sky, and so shows its folds."""


def folds(rgb: Pixels, mask: Mask) -> Floats:
    """Factor (h, w) by which light and folds change the brightness of what is worn; beside it, as at its edge.

    Light is read where the cloth has its main colour and carried on from there below prints, so that none of them
    shines through; the less of it has that colour, the broader and fainter is what is taken for light.
    """
    cloth = cloth_of(rgb, mask)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    inside = (mask > 127).astype(np.float32)
    plain = _without_prints(cloth.plain, inside)
    printed = float(np.clip((_PLAIN - cloth.share) / _PLAIN, 0, 1))
    size = float(np.sqrt(inside.sum()))
    broad = _carried(grey, plain + 0.6 * max(0.0, printed - 0.5) * inside, (0.02 + 0.2 * printed) * size)
    level = max(12.0, float(np.average(broad[mask > 127])))
    fine = np.clip(grey / np.maximum(broad, 1) - 1, -0.35, 0.35) * plain * (1 - printed)
    light = np.clip(broad / level, 0.35, 1.7) * (1 + _carried(fine, inside, 1.0) * (inside == 0) + fine * inside)
    return np.asarray(light ** (np.clip(level / 70, 0.55, 1.0) * (1 - 0.6 * printed)), np.float32)


def _without_prints(plain: Floats, inside: Floats) -> Floats:
    """How far each pixel (h, w) shows the main colour, 0 around prints, whose blurred edges are neither."""
    small, wide = np.ones((3, 3), np.uint8), np.ones((11, 11), np.uint8)
    prints = cv2.dilate(cv2.erode(((plain < 0.05) * inside).astype(np.uint8), small), wide)
    return np.asarray(cv2.erode(plain * inside, small) * (prints == 0), np.float32)


def _carried(values: Floats, weights: Floats, blur: float) -> Floats:
    """Blurred values (h, w), each counting by its weight; where there is none nearby, those from farther away."""
    step = max(1, int(blur // 2))
    size = max(2, values.shape[1] // step), max(2, values.shape[0] // step)
    parts = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (values * weights, weights)]
    total, whole = np.zeros(size[::-1], np.float32), np.full(size[::-1], 1e-7, np.float32)
    for wider, trust in ((1, 1.0), (3, 0.03), (9, 5e-4)):
        total += trust * np.asarray(cv2.GaussianBlur(parts[0], (0, 0), wider * blur / step), np.float32)
        whole += trust * np.asarray(cv2.GaussianBlur(parts[1], (0, 0), wider * blur / step), np.float32)
    return np.asarray(cv2.resize(total / whole, values.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def balance(flat: Pixels, worn: Pixels) -> Floats:
    """Factor (3,) of each channel between two photos' light, by shades of grey (Finlayson and Trezzi, 2004), and of
    their exposure."""
    one, other = (_illuminant(photo) for photo in (flat, worn))
    return np.asarray(np.clip((other / one) ** _ADAPTED, 0.78, 1.25), np.float32)


def _illuminant(rgb: Pixels) -> Floats:
    """(3,): what a white surface would be, of 1."""
    some = rgb[::4, ::4].reshape(-1, 3).astype(np.float32) / 255
    return np.asarray(((some**6).mean(0) + 1e-6) ** (1 / 6), np.float32)


def lit(cloth: Pixels, light: Floats, factors: Floats) -> Floats:
    """Cloth (h, w, 3) under a light (h, w) and a balance (3,), 0 to 255, bright places ending softly."""
    values = (_HAZE + (1 - _HAZE) * cloth.astype(np.float32) / 255 * factors) * light[..., None]
    past = np.maximum(values - _KNEE, 0)
    soft = _KNEE + (1 - _KNEE) * (1 - np.exp(-past / (1 - _KNEE)))
    return np.asarray(255 * np.where(values > _KNEE, soft, values), np.float32)


def matte(rgb: Pixels, mask: Mask) -> tuple[Floats, Floats]:
    """How far each pixel shows the garment (h, w), and what is beside it or behind its edge (h, w, 3).

    Within a narrow band about the mask's edge the share follows from the pixel's colour between those of the two sides.
    """
    square = np.ones((2 * _BAND + 1,) * 2, np.uint8)
    sure, outer = cv2.erode(mask, square) > 127, cv2.dilate(mask, square) > 127
    front, back = _spread(rgb, sure), _spread(rgb, ~outer)
    apart = front - back
    size = (apart**2).sum(-1)
    share = ((rgb - back) * apart).sum(-1) / np.maximum(size, 1)
    smooth = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), np.float32) / 255
    trust = np.clip(size / 60**2, 0, 1)
    mixed = np.where(outer & ~sure, trust * np.clip(1.15 * share - 0.05, 0, 1) + (1 - trust) * smooth, smooth)
    alpha = np.where(sure, 1.0, np.where(outer, mixed, 0.0))
    return np.asarray(alpha, np.float32), np.where(outer[..., None], back, rgb).astype(np.float32)


def _spread(rgb: Pixels, there: NDArray[np.bool_]) -> Floats:
    """Colours (h, w, 3) of the nearby pixels that are there; found at half size, as they vary smoothly."""
    height, width = there.shape
    size = max(1, width // 2), max(1, height // 2)
    weight = np.asarray(cv2.resize(there.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    shown = cv2.resize(rgb * there[..., None], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    total, sums = np.zeros(shown.shape, np.float32), np.full(weight.shape, 1e-6, np.float32)
    for blur, trust in ((1.0, 1.0), (3.0, 0.02), (10.0, 1e-4)):
        total += trust * np.asarray(cv2.GaussianBlur(shown, (0, 0), blur), np.float32)
        sums += trust * np.asarray(cv2.GaussianBlur(weight, (0, 0), blur), np.float32)
    mean = total / sums[..., None]
    return np.asarray(cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def cast_shadow(cover: Floats, reach: float) -> Floats:
    """What is left of the light (h, w) beside the edges of cloth that lies on top, which `cover` (h, w) tells."""
    near = np.asarray(cv2.GaussianBlur(cover, (0, 0), max(0.8, reach)), np.float32)
    return np.asarray(1 - 0.45 * near, np.float32)
