"""The same design in another colour: cloth dyed anew, as the light that it sends back.

A dye changes the share of each wavelength that cloth reflects, and leaves folds, seams and prints where they are. So
linear light is multiplied, by one colour for all pixels of a cloth; a print keeps its own colour or takes another.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from seamline.core.image import Pixels
from seamline.data.copies.sample import Floats, Mask
from seamline.data.photographer.radiance import encoded, linear_of
from seamline.synthetic.palette import cloth_colour

_CLOTHS = 4
_PIXELS = 3000
"""Of the garment, by which its cloths are told apart."""
_ALIKE = 0.45
"""Distance of logarithmic chromaticities below which two colours are one cloth in light and in shade."""
_NOISE = 0.5
"""In CIELAB, as a camera has it: of cloth in a single colour no four colours could be found."""
_BLEND = 9.0
"""Distance in CIELAB at which a pixel belongs to a cloth by exp(-1/2)."""
_KEPT = 0.4
"""Probability that another cloth than the largest keeps its colour."""
_STRAY = 0.02
"""Reflected by the darkest cloth too; without it black cloth could not be dyed."""
_MOST = 6.0
"""A colour becomes at most so many times brighter or darker: noise of dark pixels would become a texture."""


def dyed(rgb: Pixels, mask: Mask, random: np.random.Generator) -> Pixels:
    """The photo (H, W, 3) with its garment in other colours.

    `mask` (H, W): above 127 on the garment; without such pixels the photo stays as it is. The same state of `random`
    gives the same pixels.
    """
    inside = mask > 127
    if not inside.any():
        return rgb
    lab, light = _lab(rgb), linear_of(rgb)
    cloths = _cloths(lab[inside], random)
    member = _membership(lab, cloths)
    out = np.zeros_like(light)
    for place in range(member.shape[-1]):
        share = member[..., place]
        factor = _factor(light[inside], share[inside], place > 0, random)
        out += share[..., None] * ((light + _STRAY) * factor - _STRAY)
    alpha = cv2.GaussianBlur(np.where(inside, np.float32(1), np.float32(0)), (0, 0), 0.8)[..., None]
    return np.asarray(np.rint(255 * encoded(np.clip(alpha * out + (1 - alpha) * light, 0, 1))), np.uint8)


def _lab(rgb: Pixels) -> Floats:
    return cast("Floats", cv2.cvtColor(np.asarray(rgb, np.float32) / 255, cv2.COLOR_RGB2LAB))


def _cloths(pixels: Floats, random: np.random.Generator) -> list[Floats]:
    """The colours (C, 3) of each cloth of the garment, the largest cloth first."""
    chosen = pixels[random.integers(len(pixels), size=_PIXELS)]
    chosen = chosen + random.normal(0, _NOISE, chosen.shape)
    centres, label = kmeans2(chosen, _CLOTHS, minit="++", rng=random)
    count, shade = np.bincount(label, minlength=_CLOTHS), _chromaticity(centres)
    groups: list[list[int]] = []
    for colour in np.argsort(-count):
        if count[colour]:
            near = [group for group in groups if np.linalg.norm(shade[group[0]] - shade[colour]) < _ALIKE]
            if near:
                near[0].append(int(colour))
            else:
                groups.append([int(colour)])
    return [np.asarray(centres[group], np.float32) for group in groups]


def _chromaticity(lab: Floats) -> Floats:
    """Logarithmic (N, 3), the same in light and in shade, of colours (N, 3) in CIELAB."""
    linear = cv2.cvtColor(np.asarray(lab, np.float32)[None], cv2.COLOR_LAB2LRGB)[0]
    logarithm = np.log(np.clip(linear, 0, 1) + _STRAY)
    return np.asarray(logarithm - logarithm.mean(-1, keepdims=True), np.float32)


def _membership(lab: Floats, cloths: list[Floats]) -> Floats:
    """How far each pixel belongs to each cloth (H, W, cloths); the sum is 1."""
    nearest = np.stack([_distance(lab, colours) for colours in cloths], -1)
    weight = np.exp(-0.5 * ((nearest - nearest.min(-1, keepdims=True)) / _BLEND))
    return np.asarray(weight / weight.sum(-1, keepdims=True), np.float32)


def _distance(lab: Floats, colours: Floats) -> Floats:
    """Distance (H, W) to the nearest of a cloth's colours."""
    found: NDArray[np.float32] = np.stack([np.linalg.norm(lab - colour, axis=-1) for colour in colours]).min(0)
    return found


def _factor(light: Floats, share: Floats, may_stay: bool, random: np.random.Generator) -> Floats:
    """By what a cloth's light (3,) is multiplied."""
    if may_stay and random.random() < _KEPT:
        return np.ones(3, np.float32)
    own = (light * share[:, None]).sum(0) / (share.sum() + 1e-6)
    new = linear_of(np.array([[cloth_colour(random)]], np.uint8))[0, 0]
    return np.asarray(np.clip((new + _STRAY) / (own + _STRAY), 1 / _MOST, _MOST), np.float32)
