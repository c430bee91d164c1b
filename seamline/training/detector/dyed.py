"""Garments of a picture in other colours and of other cloth, each by itself or a part of it: photos with pixel labels
are few, what is a coat does not hang on the colours that its owner chose, and a garment does not end where another
cloth is sewn on."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.nn.segmentation_head import PERSON
from seamline.training.detector.album import Picture
from seamline.training.detector.backgrounds import made_up

_SOFT_EDGE = 3
_FULL_TURN = 180
"""Hues of OpenCV's 8-bit HSV."""

_OTHER_CLOTH = 0.4

_LARGEST_BLOCK = 0.6
_ASLANT = 12.0
"""Standard deviation, in degrees, of a seam's angle to the sides of the photo."""


def dyed(picture: Picture, share: float, rng: np.random.Generator) -> Picture:
    """The picture with this share of its garments in another hue, saturation and lightness, folds and prints as before,
    or, two in five of them, of another cloth with the folds as before.

    A garment that is outlined by its box alone keeps its colour.
    """
    if not picture.exact:
        return picture
    rgb = picture.rgb
    for number in range(1, len(picture.labels) + 1):
        if rng.random() < share:
            rgb = _mixed(rgb, _changed(rgb, rng), picture.garments == number)
    return dataclasses.replace(picture, rgb=rgb)


def colour_blocked(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with one or two parts of its garment, from a seam to an end of it, in another colour or cloth.

    Where people wear garments, or several lie together, a border of colours mostly is one of garments: such a picture
    stays as it is.
    """
    if not picture.exact or len(picture.labels) != 1 or (picture.garments == PERSON).any():
        return picture
    rgb = picture.rgb
    for _ in range(rng.integers(1, 3)):
        rgb = _mixed(rgb, _changed(rgb, rng), _beyond_a_seam(picture.garments == 1, rng))
    return dataclasses.replace(picture, rgb=rgb)


def _beyond_a_seam(garment: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The part [H,W] of a garment on one side of a straight line."""
    y, x = np.nonzero(garment)
    angle = np.radians(90 * rng.integers(4) + rng.normal(0, _ASLANT))
    along = x * np.cos(angle) + y * np.sin(angle)
    part = np.zeros_like(garment)
    beyond = along > np.quantile(along, 1 - rng.uniform(0, _LARGEST_BLOCK)) if len(along) else along > 0
    part[y[beyond], x[beyond]] = True
    return part


def _changed(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    change = _of_another_cloth if rng.random() < _OTHER_CLOTH else _in_another_colour
    return change(rgb, rng)


def _in_another_colour(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    hue, saturation, value = np.moveaxis(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV).astype(np.float32), -1, 0)
    hue = (hue + rng.uniform(0, _FULL_TURN)) % _FULL_TURN
    saturation = saturation * rng.uniform(0.2, 1.8) + rng.uniform(0, 60)
    value = value * rng.uniform(0.5, 1.4) + rng.uniform(-20, 70)
    changed = np.stack([hue, saturation, value], -1).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(changed, cv2.COLOR_HSV2RGB), np.uint8)


def _of_another_cloth(rgb: Pixels, rng: np.random.Generator) -> Pixels:
    """A made-up pattern, darkened and lightened as the picture is."""
    height, width = rgb.shape[:2]
    cloth = made_up((width, height), rng).astype(np.float32)
    light = rgb.astype(np.float32).mean(-1, keepdims=True)
    shade = (light + 20) / (light.mean() + 20)
    return np.asarray((cloth * shade ** rng.uniform(0.4, 1.0)).clip(0, 255), np.uint8)


def _mixed(rgb: Pixels, other: Pixels, where: NDArray[np.bool_]) -> Pixels:
    weight = cv2.blur(where.astype(np.float32), (_SOFT_EDGE, _SOFT_EDGE))[..., None]
    return np.asarray(rgb + weight * (other.astype(np.float32) - rgb), np.uint8)
