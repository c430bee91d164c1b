"""Another garment's collar or sleeve put on in place of the own one. Mask and points follow."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.image import Pixels
from seamline.data.copies.cloth import main_colour
from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.inpainting import inpainted
from seamline.data.copies.landmarks import Point, beyond, landmarks, with_landmarks
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.zones import group_of, region_zones, sleeve_names, trunk_width

_COLLAR = ("neck_left", "neck_right", "neck_bottom", "shoulder_left", "shoulder_right")
_WIDER = 0.06
"""How much more of the source is taken than its zone, as a share of its width, to fill gaps at the seam."""


@dataclasses.dataclass(frozen=True)
class _Part:
    """A source's part in the sample's photo: its pixels, its mask and its points."""

    rgb: Pixels
    mask: Mask
    points: Point


def source_part(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A source's collar or sleeve, fitted by landmarks. None where no source has one that fits."""
    names = _names(region)
    own = None if names is None else landmarks(region.sample, *names)
    if names is None or own is None:
        return None
    for index in random.permutation(len(region.sources))[:6]:
        part = _fitted(region, region.sources[index], names, own)
        if part is not None:
            return _put_on(region, part, names, random)
    return None


def _names(region: EditRegion) -> tuple[str, ...] | None:
    """The points by which the part is fitted; None for a part that is not moved from garment to garment."""
    group = group_of(region.sample)
    if region.index == 0 and group in ("sleeved", "sleeveless"):
        return _COLLAR
    if region.index >= 3 and group == "sleeved":
        return sleeve_names(region.side)
    return None


def _fitted(region: EditRegion, source: GarmentSample, names: tuple[str, ...], own: Point) -> _Part | None:
    theirs = landmarks(source, *names)
    if theirs is None or group_of(source) != group_of(region.sample):
        return None
    matrix = _affine(theirs, own)
    reached = theirs @ matrix[:, :2].T + matrix[:, 2]
    stretch = np.linalg.svd(matrix[:, :2], compute_uv=False)
    off = float(np.abs(reached - own).max()) / max(1.0, float(np.ptp(own, axis=0).max()))
    if np.linalg.det(matrix[:, :2]) <= 0 or stretch[1] < 0.4 or stretch[0] > 2.2 or off > 0.13:
        return None
    if stretch[0] / max(1e-3, stretch[1]) > 1.9:
        return None
    size = region.zone.shape[1], region.zone.shape[0]
    mask = cv2.warpAffine(_taken(source, region.index), matrix, size, flags=cv2.INTER_LINEAR)
    rgb = cv2.warpAffine(source.rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _Part(np.asarray(rgb, np.uint8), np.asarray(mask, np.uint8), np.asarray(reached, np.float32))


def _affine(theirs: Point, own: Point) -> Floats:
    """2x3 matrix that takes their points nearest to the own ones."""
    known = np.column_stack([theirs, np.ones(len(theirs))])
    solution, *_ = np.linalg.lstsq(known, own, rcond=None)
    return np.asarray(solution.T, np.float32)


def _taken(source: GarmentSample, region: int) -> Mask:
    """The source's zone and a little more of the garment around it, without the blurred edge of its outline."""
    zone = region_zones(source)[region]
    reach = max(3, round(_WIDER * trunk_width(source)))
    wide = cv2.dilate(zone, np.ones((2 * reach + 1,) * 2, np.uint8))
    inner = cv2.erode(source.mask, np.ones((3, 3), np.uint8))
    return np.asarray(np.minimum(wide, inner), np.uint8)


def _put_on(
    region: EditRegion, part: _Part, names: tuple[str, ...], random: np.random.Generator
) -> GarmentSample | None:
    sample = region.sample
    others = (sample.mask > 127) & (region.zone == 0)
    area = (part.mask > 127) & ~others
    uncovered = (region.zone > 0) & ~area
    gone = uncovered & _may_go(region)
    if (area & (region.zone > 0)).sum() < 0.65 * cv2.countNonZero(region.zone):
        return None
    bare = inpainted(sample.rgb, sample.mask, np.where(gone, 255, 0).astype(np.uint8)) if gone.any() else sample.rgb
    dyed = _harmonised(region, part, area, random)
    weight = np.asarray(cv2.GaussianBlur(area.astype(np.float32), (0, 0), 1.0), np.float32)[..., None]
    rgb = np.clip(bare + weight * (dyed - bare) + 0.5, 0, 255).astype(np.uint8)
    mask = np.where(((sample.mask > 127) & ~gone) | area, 255, 0).astype(np.uint8)
    targets = {name: point for name, point in zip(names, part.points, strict=True) if _moves(name)}
    return dataclasses.replace(sample, rgb=rgb, mask=mask, points=with_landmarks(sample, targets))


def _moves(name: str) -> bool:
    """Whether a point belongs to the part, not to the seam that stays."""
    return name.startswith(("cuff", "neck"))


def _may_go(region: EditRegion) -> NDArray[np.bool_]:
    """Where the own part may give way to the background: away from the seam to the rest of the garment."""
    shape = region.zone.shape
    if region.index == 0:
        ends = landmarks(region.sample, "neck_left", "neck_right")
        below = landmarks(region.sample, "neck_bottom")
        assert ends is not None
        assert below is not None
        return np.asarray(beyond(shape, ends[0], ends[1], below[0]) > 0.02 * trunk_width(region.sample), np.bool_)
    corners = landmarks(region.sample, *sleeve_names(region.side))
    assert corners is not None
    shoulder, outer, inner, armpit = corners
    length = float(np.hypot(*((outer + inner - shoulder - armpit) / 2)))
    return np.asarray(beyond(shape, shoulder, armpit, 2 * shoulder - outer) > 0.12 * length, np.bool_)


def _harmonised(region: EditRegion, part: _Part, area: NDArray[np.bool_], random: np.random.Generator) -> Floats:
    """The part's pixels (H, W, 3), in the garment's own colour if chance will have it."""
    if random.random() >= region.params.harmonised:
        return part.rgb.astype(np.float32)
    lab = np.asarray(cv2.cvtColor(part.rgb, cv2.COLOR_RGB2LAB), np.float32)
    own = np.asarray(cv2.cvtColor(region.sample.rgb, cv2.COLOR_RGB2LAB)[region.sample.mask > 127], np.float32)
    target, old = main_colour(own), main_colour(lab[area])
    gain = float(np.clip(target[0] / max(20.0, float(old[0])), 0.6, 1.5))
    lab[..., 0] = target[0] + gain * (lab[..., 0] - old[0])
    lab[..., 1:] += target[1:] - old[1:]
    return np.asarray(cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB), np.float32)
