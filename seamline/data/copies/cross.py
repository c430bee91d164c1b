"""Copies across scenes: a garment laid flat in one photo, redesigned, and worn by a person in another."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from seamline.data.copies.generator import redesigned_sample, with_ground_truth
from seamline.data.copies.levels import Level
from seamline.data.copies.redesign import Redesigned
from seamline.data.copies.rephotograph import LEAST_VISIBLE, rephotograph
from seamline.data.copies.sample import Copy, GarmentSample
from seamline.data.copies.wearing import WornFlat, lay_onto
from seamline.data.copies.zones import region_zones

_LEAST_KEPT = 2
_PHOTOS = 4


def cross_copy(
    original: GarmentSample,
    worn: Sequence[GarmentSample],
    sources: Sequence[GarmentSample],
    level: Level,
    random: np.random.Generator,
    regions: int | None = None,
) -> Copy:
    """A copy of a flat garment, worn by a person.

    `worn`: garments on people, of which one that fits is chosen by chance; `sources`: flat garments whose parts may be
    blended in; `regions`: how many are redesigned, 1 or 2, by default as the level says; 0 none. The copy's sample is
    the person's photo; its mask holds what shows of the garment; points that something hides are GUESSED.

    The same arguments and state of `random` give the same pixels. Raises ValueError, with a sentence that says why,
    where the original cannot be redesigned, or fits none of the worn garments.
    """
    present = [index for index, zone in enumerate(region_zones(original)) if zone.any()]
    changed = redesigned_sample(original, regions, sources, level.edit, random)
    why = "there is no worn garment"
    for place in random.permutation(len(worn)):
        try:
            return _worn_copy(changed, present, lay_onto(changed.sample, worn[int(place)]), level, random)
        except ValueError as error:
            why = str(error)
    raise ValueError(f"this {original.category} fits none of {len(worn)} worn garments; of the last: {why}")


def _worn_copy(
    changed: Redesigned, present: Sequence[int], laid: WornFlat, level: Level, random: np.random.Generator
) -> Copy:
    """The first photo that shows enough of the garment. Raises ValueError where none of some does."""
    for _ in range(_PHOTOS):
        copy = _photographed(changed, present, laid, level, random)
        if len(copy.kept) >= _LEAST_KEPT and bool(copy.redesigned or not changed.redesigned):
            return copy
    raise ValueError("too little of it would show")


def _photographed(
    changed: Redesigned, present: Sequence[int], laid: WornFlat, level: Level, random: np.random.Generator
) -> Copy:
    photo = rephotograph(laid.sample, (), level.photo, random)
    hidden = {*photo.hidden, *(region for region, share in enumerate(laid.seen) if share < LEAST_VISIBLE)}
    return with_ground_truth(changed, present, dataclasses.replace(photo, hidden=tuple(sorted(hidden))))
