"""Views of garments on people: bent, covered by other people's hair, arms and bags; and flat garments laid on people.

All randomness comes from the generator that is passed in, so that a step of training can be repeated.
"""

from __future__ import annotations

import dataclasses
from typing import cast

import cv2
import numpy as np

from seamline.systems.psnet_lite.worn import OCCLUDED
from seamline.training.augment import Augmentation, Bytes, Floats, View, on_background, random_view, recoloured, view_of
from seamline.training.crops import ABSENT, PRESENT, UNSURE, CropStore

_BEND = 0.022
"""Standard deviation of a bend, as a share of the view's side."""

_DEEP = 0.05
"""A point further than this share of the side below what covers it cannot be told from what is seen."""


def worn_view(
    store: CropStore, index: int, side: int, covers: CropStore, share: float, random: np.random.Generator
) -> View:
    """A garment on a person; with probability `share` something of another person lies on it."""
    view = bent(random_view(store, index, side, _GEOMETRY, random), random)
    if random.random() < share:
        other = _random_person(covers, side, random, reach=0.35)
        view = covered(view, other.pixels, other.mask)
    return _recoloured(view, random)


def dressed_view(store: CropStore, index: int, side: int, covers: CropStore, random: np.random.Generator) -> View:
    """A flat garment on a person in place of what they wear, below their hair, arms and bags."""
    view = bent(random_view(store, index, side, dataclasses.replace(_GEOMETRY, background=0.0), random), random)
    person = _random_person(covers, side, random, reach=0.1)
    view = dataclasses.replace(view, pixels=on_background(view.pixels, view.mask, person.pixels))
    return _recoloured(covered(view, person.pixels, person.mask), random)


_GEOMETRY = Augmentation(rotation=25.0, scale=0.2, shift=0.08, background=0.2, colour=0.0, blur=0.0, cutout=0.0)


def covered(view: View, pixels: Bytes, cover: Bytes) -> View:
    """The view below those pixels [S,S,3] that `cover` [S,S] marks.

    A point that gets hidden is OCCLUDED near the cover's edge, where its place can be told, and ABSENT deep below it.
    """
    depth = cv2.distanceTransform((cover > 127).astype(np.uint8), cv2.DIST_L2, 3)
    side = len(cover)
    at = np.clip(np.floor(view.points), 0, side - 1).astype(int)
    depths = depth[at[:, 1], at[:, 0]]
    state = view.state.copy()
    known = (state == PRESENT) | (state == OCCLUDED)
    state[known & (depths > 0)] = OCCLUDED
    state[known & (depths > _DEEP * side)] = ABSENT
    mask = np.where(cover > 127, 0, view.mask).astype(np.uint8)
    return View(on_background(pixels, cover, view.pixels), mask, view.points, state)


def bent(view: View, random: np.random.Generator) -> View:
    """The view with everything shifted by a smooth random field."""
    side = len(view.pixels)
    coarse = random.normal(0, _BEND * side, (4, 4, 2)).astype(np.float32)
    field = cast("Floats", cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    places = (x + field[..., 0], y + field[..., 1])
    pixels, mask = (
        cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture in (view.pixels, view.mask)
    )
    points: Floats = view.points
    for _ in range(6):
        points = (view.points - _sampled(field, points)).astype(np.float32)
    state = view.state.copy()
    outside = ((points < 0) | (points >= side)).any(-1)
    state[((state == PRESENT) | (state == OCCLUDED)) & outside] = UNSURE
    return View(cast("Bytes", pixels), cast("Bytes", mask), points, state)


def _sampled(field: Floats, points: Floats) -> Floats:
    """The field's values [K,2] at points [K,2]."""
    x, y = (points - 0.5).T.astype(np.float32)
    found = cv2.remap(field, x[:, None], y[:, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast("Floats", found.reshape(-1, 2))


def _random_person(covers: CropStore, side: int, random: np.random.Generator, reach: float) -> View:
    shift = (float(random.uniform(-reach, reach)), float(random.uniform(-reach, reach)))
    scale, flip = float(np.exp(random.uniform(-0.3, 0.3))), bool(random.random() < 0.5)
    return view_of(covers, int(random.integers(len(covers))), side, float(random.uniform(-15, 15)), scale, shift, flip)


def _recoloured(view: View, random: np.random.Generator) -> View:
    pixels = view.pixels
    if random.random() < 0.6:
        pixels = recoloured(pixels, random)
    if random.random() < 0.15:
        pixels = cast("Bytes", cv2.GaussianBlur(pixels, (0, 0), float(random.uniform(0.4, 1.4))))
    return dataclasses.replace(view, pixels=pixels)
