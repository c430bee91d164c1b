"""Views of garments on people: bent, covered by other people's hair, arms and bags; and flat garments laid on people.

All randomness comes from the generator that is passed in, so that a step of training can be repeated.
"""

from __future__ import annotations

import dataclasses
from typing import cast

import cv2
import numpy as np

from seamline.training.augment import (
    Augmentation,
    Bytes,
    Floats,
    View,
    on_background,
    random_view,
    recoloured,
    states_below,
    view_of,
)
from seamline.training.crops import ABSENT, UNSURE, CropStore

_BEND = 0.022
"""Standard deviation of a bend, as a share of the view's side."""

_LEAST = 0.25
"""What leaves less of a garment to be seen does not cover it: the view would rather show the cover."""


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
    view = bent(random_view(store, index, side, _GEOMETRY, random), random)
    person = _random_person(covers, side, random, reach=0.1)
    view = dataclasses.replace(view, pixels=on_background(view.pixels, view.mask, person.pixels))
    return _recoloured(covered(view, person.pixels, person.mask), random)


_GEOMETRY = Augmentation(rotation=25.0, scale=0.2, shift=0.08, background=0.0, colour=0.0, blur=0.0, cutout=0.0)
"""The background stays: the hair or jacket in it is what tells that a point cannot be seen."""


def covered(view: View, pixels: Bytes, cover: Bytes) -> View:
    """The view below those pixels [S,S,3] that `cover` [S,S] marks; as it is where they would hide nearly all of it."""
    mask = np.where(cover > 127, 0, view.mask).astype(np.uint8)
    if np.count_nonzero(mask > 127) < _LEAST * np.count_nonzero(view.mask > 127):
        return view
    return View(on_background(pixels, cover, view.pixels), mask, view.points, states_below(view, cover))


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
    state[(state > ABSENT) & outside] = UNSURE
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
