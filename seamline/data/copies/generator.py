"""Copies of a garment with the ground truth about each region: redesign, then another photo."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence

import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.levels import Level
from seamline.data.copies.params import EditParams
from seamline.data.copies.redesign import Redesigned, choose_regions, redesign
from seamline.data.copies.rephotograph import Rephotographed, rephotograph
from seamline.data.copies.sample import Copy, GarmentSample
from seamline.data.copies.zones import region_zones

_REDESIGNS = 4
"""Choices of regions that are tried before a garment is given up."""

_PHOTOS = 4
"""Photos that are taken of a copy until one shows a redesigned region and enough kept ones."""

_LEAST_KEPT = 2


def make_copy(
    original: GarmentSample,
    sources: Sequence[GarmentSample],
    backgrounds: Sequence[Pixels],
    level: Level,
    random: np.random.Generator,
    regions: int | None = None,
) -> Copy:
    """A copy of a garment in another photo.

    `sources`: garments whose parts may be blended in; `backgrounds`: pictures of backgrounds (`background_of`), both
    from the original's own split. `regions`: how many are redesigned, 1 or 2, by default as the level says; 0 gives the
    same garment photographed again. Which ones follows the category's shares (`params.region_shares`).

    The same arguments and state of `random` give the same pixels. Raises ValueError when none of the original's
    regions is visible, or when none that was tried can be redesigned.
    """
    present = [index for index, zone in enumerate(region_zones(original)) if zone.any()]
    if not present:
        raise ValueError("no region of this garment is visible, so that no copy of it can be made")
    changed = redesigned_sample(original, regions, sources, level.edit, random)
    for _ in range(_PHOTOS):
        photo = rephotograph(changed.sample, backgrounds, level.photo, random)
        copy = with_ground_truth(changed, present, photo)
        if _shows_enough(copy, changed, present):
            break
    return copy


def _shows_enough(copy: Copy, changed: Redesigned, present: Sequence[int]) -> bool:
    """Whether the photo leaves a redesigned region, if there is one, and enough of the kept ones in view."""
    kept = len(set(present) - {*changed.redesigned, *changed.touched})
    return len(copy.kept) >= min(_LEAST_KEPT, kept) and bool(copy.redesigned or not changed.redesigned)


def redesigned_sample(
    original: GarmentSample,
    regions: int | None,
    sources: Sequence[GarmentSample],
    params: EditParams,
    random: np.random.Generator,
) -> Redesigned:
    """The original with that many regions redesigned. Raises ValueError where none that was tried can be."""
    if regions == 0:
        return Redesigned(original, (), (), ())
    if regions is not None:
        params = dataclasses.replace(params, two_regions=float(regions - 1), sleeve_pairs=0.0)
    for _ in range(_REDESIGNS - 1):
        with contextlib.suppress(ValueError):
            return redesign(original, choose_regions(original, params, random), sources, params, random)
    return redesign(original, choose_regions(original, params, random), sources, params, random)


def with_ground_truth(changed: Redesigned, present: Sequence[int], photo: Rephotographed) -> Copy:
    """What became of each region that is `present` in the original."""
    unclear = {*changed.redesigned, *changed.touched, *photo.hidden}
    return Copy(
        sample=photo.sample,
        redesigned=tuple(region for region in changed.redesigned if region not in photo.hidden),
        kept=tuple(region for region in present if region not in unclear),
        edits=tuple(changed.edits),
        mirrored=photo.mirrored,
    )
