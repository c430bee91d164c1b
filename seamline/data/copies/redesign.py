"""One or two regions of a photographed garment redesigned, everything else left as it is.

A copy in the sense of PS-Net (Lang et al., CVPR 2020): at most two of five regions differ from the original.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CropSpec
from seamline.data.copies.cloth import main_colour
from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.params import EditParams, region_shares
from seamline.data.copies.prints import logo, motif, source_print, text
from seamline.data.copies.repaint import mirrored, mosaic, pattern, plain_cloth, recolour, source_cloth
from seamline.data.copies.reshape import neck, shorter
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.transplant import source_part
from seamline.data.copies.trims import bands, collar_band, placket, pockets
from seamline.data.copies.zones import edited_zone, group_of, region_zones, zone_shares
from seamline.synthetic.cloth import weighted_choice
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes
from seamline.systems.psnet.spec import REGIONS

LEAST_SHARE = 0.02
"""Share of the garment below which a region is too small to be redesigned."""
VISIBLE = 12.0
"""Distance in CIELAB from which on a pixel looks different."""
_REACHED = 0.2
"""Share of another region's box from which on an edit has reached that region too."""
_TRIES = 6

Edit = Callable[[EditRegion, np.random.Generator], GarmentSample | None]

EDITS: dict[str, Edit] = {
    "recolour": recolour, "plain cloth": plain_cloth, "pattern": pattern, "source cloth": source_cloth,
    "mosaic": mosaic, "mirrored": mirrored, "motif": motif, "text": text, "logo": logo, "source print": source_print,
    "bands": bands, "collar band": collar_band, "placket": placket, "pockets": pockets, "neck": neck,
    "shorter": shorter, "source part": source_part,
}  # fmt: skip
"""Name of an edit -> the edit."""

_ONLY_COLLAR = ("collar band", "neck")
_NOT_COLLAR = ("motif", "text", "logo", "source print", "placket", "pockets", "bands", "mirrored", "mosaic", "shorter")
_ONLY_TRUNK = ("placket", "pockets", "source print")
_OF_SHAPE = ("neck", "shorter", "source part")
"""Edits that may move the garment's outline."""


@dataclasses.dataclass(frozen=True)
class Redesigned:
    """What became of a sample. `redesigned`: regions that look different; `touched`: regions that an edit reached
    in part, neither kept nor redesigned; `edits`: names of what was done, in order."""

    sample: GarmentSample
    redesigned: tuple[int, ...]
    touched: tuple[int, ...]
    edits: tuple[str, ...]


def choose_regions(original: GarmentSample, params: EditParams, random: np.random.Generator) -> tuple[int, ...]:
    """One or two regions that are large enough in the photo; often both sleeves or neither.

    Raises ValueError where there is none.
    """
    able = _able(original, region_zones(original), range(len(REGIONS)))
    shares = np.array(params.shares.get(original.category, region_shares(original.category)), float)[able]
    count = min(len(able), 1 + int(random.random() < params.two_regions), int((shares > 0).sum()))
    if not count:
        raise ValueError("none of the garment's regions may be chosen: their shares are zero")
    chosen = random.choice(able, count, replace=False, p=shares / shares.sum())
    if chosen[0] >= 3 and {3, 4} <= set(able) and random.random() < params.sleeve_pairs:
        return 3, 4
    return tuple(sorted(int(region) for region in chosen))


def redesign(
    original: GarmentSample,
    regions: Sequence[int],
    sources: Sequence[GarmentSample],
    params: EditParams,
    random: np.random.Generator,
) -> Redesigned:
    """The same photo with these regions redesigned, under the same folds and light.

    A region for which no edit makes a visible difference is left as it was and is not among `redesigned`. The same
    arguments and generator state give the same pixels. Raises ValueError where none of the regions is visible or none
    can be changed.
    """
    zones = region_zones(original)
    able = _able(original, zones, regions)
    usable = _chosen_sources(original, sources, params, random)
    sample = original
    done: list[int] = []
    names: list[str] = []
    seed = int(random.integers(2**31))
    for region in able:
        same = bool(names) and (_pair(done, region) or random.random() < params.matching)
        stream = np.random.default_rng(seed if same or not names else int(random.integers(2**31)))
        place = EditRegion(sample, region, edited_zone(sample, region, zones), usable, params)
        result = _edited(place, stream, names[-1] if same else None)
        if result is not None:
            zones = zones if result[0].mask is sample.mask else region_zones(result[0])
            sample = result[0]
            done.append(region)
            names.append(result[1])
    if not done:
        raise ValueError("no edit makes a visible difference to the chosen regions of this garment")
    return Redesigned(sample, tuple(done), _touched(original, sample, done), tuple(names))


def _able(original: GarmentSample, zones: Sequence[Mask], regions: Sequence[int]) -> list[int]:
    """Those of the regions that are large enough. Raises ValueError where there is none."""
    shares = zone_shares(zones, original.mask)
    able = [int(region) for region in regions if shares[region] >= LEAST_SHARE]
    if not able:
        asked = ", ".join(REGIONS[region] for region in regions)
        raise ValueError(f"none of these regions is visible in the photo: {asked}")
    return able


def _pair(done: Sequence[int], region: int) -> bool:
    return region >= 3 and any(other >= 3 for other in done)


def _edited(region: EditRegion, random: np.random.Generator, first: str | None) -> tuple[GarmentSample, str] | None:
    """The region changed by the first edit that can be done and seen; plain cloth where all others fail."""
    if not region.zone.any():
        return None
    state = random.bit_generator.state
    for name in _candidates(region, random, first):
        random.bit_generator.state = state
        after = EDITS[name](region, random)
        if after is not None and region.params.keeps_outline:
            after = _within_mask(region.sample, after)
        if after is not None and _change(region, after) >= region.params.least_change:
            return after, name
    return None


def _within_mask(before: GarmentSample, after: GarmentSample) -> GarmentSample:
    """What an edit gave, without its soft edge beside the garment."""
    return dataclasses.replace(before, rgb=np.where(before.mask[..., None] > 127, after.rgb, before.rgb))


def _candidates(region: EditRegion, random: np.random.Generator, first: str | None) -> list[str]:
    """Kinds of edit to try, in order."""
    shares = {name: share for name, share in region.params.edits.items() if share > 0 and _fits(name, region)}
    names = [first] if first is not None and _fits(first, region) else []
    while shares and len(names) < _TRIES:
        names.append(weighted_choice(random, shares))
        shares.pop(names[-1])
    return [*names, "plain cloth"]


def _fits(name: str, region: EditRegion) -> bool:
    """Whether an edit of this kind is made for this region of such a garment."""
    if region.params.keeps_outline and name in _OF_SHAPE:
        return False
    top = group_of(region.sample) in ("sleeved", "sleeveless")
    if name in _ONLY_COLLAR:
        return top and region.index == 0
    if name in _NOT_COLLAR and region.index == 0:
        return False
    return region.index in (1, 2) if name in _ONLY_TRUNK else True


def _change(region: EditRegion, after: GarmentSample) -> float:
    """Share of the region's pixels that look different; every other row and column tells."""
    rows, columns = region.window
    half = slice(rows.start, rows.stop, 2), slice(columns.start, columns.stop, 2)
    seen = _visible(region.sample.rgb[half], after.rgb[half])[region.inside[::2, ::2] > 0]
    return float(seen.mean()) if seen.size else 0.0


def _visible(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels (h, w) whose colours are clearly unlike."""
    first, second = (cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2LAB) for rgb in (before, after))
    apart = np.asarray(cv2.absdiff(first, second), np.float32)
    square = (apart[..., 0] / 2.55) ** 2 + apart[..., 1] ** 2 + apart[..., 2] ** 2
    return np.asarray(square > VISIBLE**2, np.bool_)


def _touched(original: GarmentSample, copy: GarmentSample, done: Sequence[int]) -> tuple[int, ...]:
    """Other regions of whose boxes an edit changed a good part; every other row and column tells."""
    changed = _visible(original.rgb[::2, ::2], copy.rgb[::2, ::2])
    garment = original.mask[::2, ::2] > 127
    boxes, seen = photo_boxes(original)
    reached = []
    for region, (x0, y0, x1, y1) in enumerate(np.round(boxes / 2).astype(int)):
        inside = garment[y0:y1, x0:x1]
        judged = seen[region] > 0 and region not in done and inside.any()
        if judged and float(changed[y0:y1, x0:x1][inside].mean()) >= _REACHED:
            reached.append(region)
    return tuple(reached)


def photo_boxes(sample: GarmentSample) -> tuple[Floats, Floats]:
    """The five region boxes (5, 4) in the photo's pixels and their visibility (5,)."""
    spec = dataclasses.replace(DEFAULT_SPEC, crop=CropSpec(side=max(sample.mask.shape)))
    return region_boxes(sample.points, sample.category, spec)


def _chosen_sources(
    original: GarmentSample, sources: Sequence[GarmentSample], params: EditParams, random: np.random.Generator
) -> Sequence[GarmentSample]:
    """All sources, or only the half whose main colours are nearest to the garment's."""
    if len(sources) < 2 or random.random() >= params.similar_sources:
        return sources
    own = _colour(original)
    apart = [float(np.linalg.norm(_colour(source) - own)) for source in sources]
    return [sources[index] for index in np.argsort(apart)[: max(1, len(sources) // 2)]]


def _colour(sample: GarmentSample) -> Floats:
    small, mask = sample.rgb[::4, ::4], sample.mask[::4, ::4]
    if not mask.any():
        return np.zeros(3, np.float32)
    lab = cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2LAB)
    return main_colour(np.asarray(lab[mask > 127], np.float32))
