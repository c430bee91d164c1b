"""Which part of a garment belongs to each of the five regions.

The regions' boxes overlap; zones do not. They follow the garment: a band around the neckline, sleeves beyond the line
from shoulder to armpit, the trunk above and below its waist. Bottoms have a waistband, hips, lower part and two legs
or sides in the places of collar, chest, waist and sleeves (see `seamline.systems.psnet.region_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.copies.landmarks import Point, beyond, extent, landmark, landmarks, neckline
from seamline.data.copies.sample import GarmentSample, Mask
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import REGIONS

Inside = NDArray[np.bool_]

COLLAR_BAND = 0.13
"""How far a collar reaches from the neckline, as a share of the distance of the armpits."""
WAISTBAND = 0.1
"""Height of a waistband, as a share of the garment's longer side."""
LOWER_PART = 0.55
"""Where the lower part of a leg starts, as a share of the way from the crotch to the leg's end."""
SIDE = 0.3
"""Width of a skirt's side, as a share of its width."""


def region_zones(sample: GarmentSample) -> list[Mask]:
    """Five disjoint masks (H, W), 255 where the garment belongs to the region; empty where the region is absent."""
    group = group_of(sample)
    claims = _CLAIMS[group](sample)
    free = sample.mask > 127
    zones = [np.zeros_like(sample.mask) for _ in REGIONS]
    for region in _FIRST_TO_CLAIM[group]:
        claim = claims[region]
        if claim is not None:
            zones[region] = np.where(claim & free, 255, 0).astype(np.uint8)
            free &= ~claim
    return zones


def edited_zone(sample: GarmentSample, region: int, zones: Sequence[Mask]) -> Mask:
    """What an edit of the region covers (H, W): its zone, and where that would look cut out, a neighbour's part.

    The upper and lower part of a skirt go from side to side, a leg goes down to its end.
    """
    group = group_of(sample)
    if group == "skirt" and region in (1, 2) and zones[region].any():
        level = _skirt(sample)[region]
        if level is not None:
            return np.where(level & ((zones[3] > 0) | (zones[4] > 0)), 255, zones[region]).astype(np.uint8)
    if group == "legs" and region >= 3 and zones[region].any():
        own_side = _legs(sample)[region]
        if own_side is not None:
            return np.where((zones[2] > 0) & own_side, 255, zones[region]).astype(np.uint8)
    return zones[region]


def zone_shares(zones: Sequence[Mask], mask: Mask) -> NDArray[np.float32]:
    """Share of the garment that each zone is, (5,)."""
    whole = max(1, cv2.countNonZero(mask))
    return np.array([cv2.countNonZero(zone) / whole for zone in zones], np.float32)


def group_of(sample: GarmentSample) -> str:
    """The group of region rules that its category belongs to."""
    return DEFAULT_SPEC.regions.group_of.get(sample.category, "sleeved")


_FIRST_TO_CLAIM = {
    "sleeved": (3, 4, 0, 1, 2),
    "sleeveless": (0, 3, 4, 1, 2),
    "legs": (0, 1, 2, 3, 4),
    "skirt": (0, 3, 4, 1, 2),
}


def _sleeved(sample: GarmentSample) -> list[Inside | None]:
    outline = landmarks(sample, *_TRUNK)
    trunk = None if outline is None else _distance(sample.mask, outline)
    return [_collar(sample), *_trunk(sample), *(_sleeve(sample, side, trunk) for side in ("left", "right"))]


def _sleeveless(sample: GarmentSample) -> list[Inside | None]:
    return [_collar(sample), *_trunk(sample), *(_strap(sample, side) for side in ("left", "right"))]


def _sleeve(sample: GarmentSample, side: str, trunk: NDArray[np.float32] | None) -> Inside | None:
    """What is nearer to the sleeve's corners than to the trunk."""
    sleeve = landmarks(sample, *sleeve_names(side))
    return None if sleeve is None or trunk is None else _distance(sample.mask, sleeve) < trunk


_TRUNK = (
    "shoulder_left", "armpit_left", "waist_left", "hem_left", "hem_right", "waist_right", "armpit_right",
    "shoulder_right", "neck_right", "neck_left",
)  # fmt: skip


def sleeve_names(side: str) -> tuple[str, str, str, str]:
    """A sleeve's corners, from the shoulder around to the armpit."""
    return f"shoulder_{side}", f"cuff_{side}_outer", f"cuff_{side}_inner", f"armpit_{side}"


def _strap(sample: GarmentSample, side: str) -> Inside | None:
    """The shoulder and a band along the armhole."""
    corners = landmarks(sample, f"neck_{side}", f"shoulder_{side}", f"armpit_{side}")
    if corners is None:
        return None
    neck, shoulder, armpit = corners
    wide = max(0.5 * float(np.hypot(*(neck - shoulder))), 0.1 * float(np.hypot(*(armpit - shoulder))))
    return _distance(sample.mask, np.array([neck, shoulder, armpit, shoulder])) < wide


def _collar(sample: GarmentSample) -> Inside | None:
    """A band around the neckline, the opening itself and what stands above it."""
    curve = neckline_of(sample)
    if curve is None:
        return None
    near = _distance(sample.mask, curve) < COLLAR_BAND * trunk_width(sample)
    top, bottom = curve[[0, -1]], curve[len(curve) // 2]
    above = beyond(sample.mask.shape, top[0], top[1], bottom) > 0
    columns = np.arange(sample.mask.shape[1])
    between = (columns > top[:, 0].min()) & (columns < top[:, 0].max())
    return np.asarray(near | (above & between), np.bool_)


def trunk_width(sample: GarmentSample) -> float:
    """Distance of the armpits in pixels, or a guess from the whole garment."""
    armpits = landmarks(sample, "armpit_left", "armpit_right")
    return 0.5 * extent(sample.mask) if armpits is None else float(np.hypot(*(armpits[1] - armpits[0])))


def neckline_of(sample: GarmentSample) -> Point | None:
    """The sample's neckline (N, 2), between round and V; None where its points are not known."""
    ends, bottom = landmarks(sample, "neck_left", "neck_right"), landmark(sample, "neck_bottom")
    return None if ends is None or bottom is None else neckline(ends, bottom, 0.25)


def _trunk(sample: GarmentSample) -> list[Inside | None]:
    """Chest and waist."""
    level = landmarks(sample, "waist_left", "waist_right")
    hem = landmarks(sample, "hem_left", "hem_right")
    armpits = landmarks(sample, "armpit_left", "armpit_right")
    if level is None or hem is None or armpits is None:
        return [None, None]
    below = beyond(sample.mask.shape, level[0], level[1], armpits.mean(0)) > 0
    return [~below, below]


def _legs(sample: GarmentSample) -> list[Inside | None]:
    band = landmarks(sample, "waistband_left", "waistband_right")
    crotch = landmark(sample, "crotch")
    ends = landmarks(sample, "leg_left_outer", "leg_left_inner", "leg_right_inner", "leg_right_outer")
    if band is None or crotch is None or ends is None:
        return [None] * 5
    shape, bottom = sample.mask.shape, ends.mean(0)
    across = (band[1] - band[0]) / 2
    hips = beyond(shape, crotch - across, crotch + across, bottom) > 0
    lower = beyond(shape, *_lower_edge(crotch, ends), inside=crotch) > 0
    left = beyond(shape, crotch, band.mean(0), ends[:2].mean(0)) < 0
    return [_waistband(sample, band, bottom), hips, lower, left, ~left]


def _lower_edge(crotch: Point, ends: Point) -> tuple[Point, Point]:
    """The line from which on a leg is its lower part."""
    left, right = ends[:2].mean(0), ends[2:].mean(0)
    return crotch + LOWER_PART * (left - crotch), crotch + LOWER_PART * (right - crotch)


def _skirt(sample: GarmentSample) -> list[Inside | None]:
    band = landmarks(sample, "waistband_left", "waistband_right")
    hem = landmarks(sample, "hem_left", "hem_right")
    if band is None or hem is None:
        return [None] * 5
    shape = sample.mask.shape
    halfway = (band + hem) / 2
    upper = beyond(shape, halfway[0], halfway[1], band.mean(0)) < 0
    sides = [_skirt_side(shape, band, hem, share) for share in (SIDE, 1 - SIDE)]
    return [_waistband(sample, band, hem.mean(0)), upper, ~upper, *sides]


def _skirt_side(shape: tuple[int, ...], band: Point, hem: Point, share: float) -> Inside:
    """What lies outside the line that runs down at this share of the skirt's width."""
    top, low = (ends[0] + share * (ends[1] - ends[0]) for ends in (band, hem))
    return beyond(shape, top, low, band.mean(0)) > 0


def _waistband(sample: GarmentSample, band: Point, below: Point) -> Inside:
    """Down from the waistband's ends to its height."""
    down = below - band.mean(0)
    down = down / max(1.0, float(np.hypot(*down))) * WAISTBAND * extent(sample.mask)
    return np.asarray(beyond(sample.mask.shape, band[0] + down, band[1] + down, below) > 0, np.bool_)


def _distance(mask: Mask, corners: Point) -> NDArray[np.float32]:
    """Distance (H, W) to a polygon, 0 inside; found at half size, which is enough for what varies so smoothly."""
    height, width = mask.shape
    outside = np.full((height // 2 + 1, width // 2 + 1), 255, np.uint8)
    cv2.fillPoly(outside, [np.round(corners * 8).astype(np.int32)], (0,), cv2.LINE_8, 4)
    half = 2 * np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_3), np.float32)
    double = cv2.resize(half, (2 * half.shape[1], 2 * half.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(double[:height, :width], np.float32)


_CLAIMS: dict[str, Callable[[GarmentSample], list[Inside | None]]] = {
    "sleeved": _sleeved,
    "sleeveless": _sleeveless,
    "legs": _legs,
    "skirt": _skirt,
}
