"""Which light a camera believes in: it looks at the whole picture, and so at the ground.

The estimators are those of the literature on colour constancy: grey world (Buchsbaum 1980), white patch (Land 1977),
and grey world over what is nearly neutral, with which a strongly coloured ground tells nothing, so that a warm light
stays warm there. A beige carpet, on the other hand, is made grey, and a navy shirt on it blue.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from seamline.data.copies.sample import Floats
from seamline.data.photographer.light import PLANCKIAN
from seamline.data.photographer.radiance import LUMINANCE

KINDS = MappingProxyType({"grey world": 0.25, "white patch": 0.25, "near neutral": 0.5})
"""Name of an estimator -> share of the cameras that have it."""

_WARMEST, _MOST_TINT = 1.3, 0.2
"""Cameras hold their estimate to lights that exist: near the course of daylight and lamps."""

_ALONG, _ASIDE = 1.5, 0.22
"""How far the logarithm of a colour may be from neutral to count as nearly so: along the course of lights, a little
beyond the warmest, and aside from it, where only dyes are."""

_ENOUGH = 0.3
"""Share of nearly neutral pixels from which on they are believed."""


def gains(light: Floats, kind: str, completeness: float) -> Floats:
    """Factors (3,) for red, green and blue that a camera applies to a picture's light (h, w, 3).

    `kind`: one of KINDS; `completeness`: 0 corrects nothing, 1 all that is estimated. Luminance stays about the same.
    """
    pixels = np.maximum(light.reshape(-1, 3), 1e-4)
    seen = np.log(_plausible(_ESTIMATORS[kind](pixels)))
    factors = np.exp(-completeness * seen)
    before = pixels.mean(0)
    return (factors * float(LUMINANCE @ before) / float(LUMINANCE @ (factors * before))).astype(np.float32)


def _grey_world(pixels: Floats) -> Floats:
    return pixels.mean(0)


def _white_patch(pixels: Floats) -> Floats:
    """The brightest, without the few that are lights or reflections."""
    return np.asarray(np.percentile(pixels, 97, axis=0), np.float32)


def _near_neutral(pixels: Floats) -> Floats:
    ratio = np.log(pixels / pixels[:, 1:2])
    along = ratio @ PLANCKIAN / float(PLANCKIAN @ PLANCKIAN)
    aside = np.abs(ratio - along[:, None] * PLANCKIAN).max(1)
    neutral = (np.abs(along) < _ALONG) & (aside < _ASIDE)
    if not neutral.any():
        return np.ones(3, np.float32)
    trust = min(1.0, float(neutral.mean()) / _ENOUGH)
    mean = pixels[neutral].mean(0)
    return np.asarray((mean / mean[1]) ** trust, np.float32)


_ESTIMATORS = {"grey world": _grey_world, "white patch": _white_patch, "near neutral": _near_neutral}


def _plausible(light: Floats) -> Floats:
    ratio = np.log(np.maximum(light, 1e-4) / max(1e-4, float(light[1])))
    along = float(ratio @ PLANCKIAN) / float(PLANCKIAN @ PLANCKIAN)
    rest = np.clip(ratio - along * PLANCKIAN, -_MOST_TINT, _MOST_TINT)
    return np.exp(np.clip(along, -_WARMEST, _WARMEST) * PLANCKIAN + rest).astype(np.float32)
