"""The part of a photo that an edit works on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.cloth import Cloth, cloth_of
from seamline.data.copies.landmarks import Point, landmarks
from seamline.data.copies.params import EditParams
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.zones import group_of, sleeve_names

_PAD = 6
"""Pixels around the zone that an edit may look at."""


@dataclasses.dataclass(frozen=True)
class EditRegion:
    """One region of a sample, to be edited.

    `index`: of REGIONS; `zone`: (H, W), 255 where the garment belongs to the region. `sources`: other samples to take
    cloth and parts from.
    """

    sample: GarmentSample
    index: int
    zone: Mask
    sources: Sequence[GarmentSample]
    params: EditParams

    @property
    def side(self) -> str:
        """The side of a sleeve or leg."""
        return "left" if self.index == 3 else "right"

    @cached_property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the zone's box with a margin."""
        rows, columns = np.flatnonzero(self.zone.any(1)), np.flatnonzero(self.zone.any(0))
        height, width = self.zone.shape
        return (
            slice(max(0, int(rows[0]) - _PAD), min(height, int(rows[-1]) + 1 + _PAD)),
            slice(max(0, int(columns[0]) - _PAD), min(width, int(columns[-1]) + 1 + _PAD)),
        )

    @cached_property
    def corner(self) -> Point:
        """x and y of the window's first pixel."""
        return np.array([self.window[1].start, self.window[0].start], np.float32)

    @cached_property
    def pixels(self) -> Pixels:
        """The photo in the window."""
        return np.ascontiguousarray(self.sample.rgb[self.window])

    @cached_property
    def inside(self) -> Mask:
        """The zone in the window."""
        return np.ascontiguousarray(self.zone[self.window])

    @cached_property
    def cover(self) -> Floats:
        """Weight (h, w) of painted pixels in the window: the zone with a soft edge."""
        return np.asarray(cv2.GaussianBlur(self.inside.astype(np.float32) / 255, (0, 0), 0.8), np.float32)

    @cached_property
    def cloth(self) -> Cloth:
        """The part's cloth and light."""
        return cloth_of(self.pixels, self.inside)

    @cached_property
    def frame(self) -> Frame:
        """The direction in which the part hangs, and its size."""
        return _frame(self)

    def with_window(self, colours: Floats, cover: Floats | None = None) -> GarmentSample:
        """The sample with RGB 0..255 (h, w, 3) painted in the window, as far as `cover` and the zone go."""
        weight = self.cover if cover is None else self.cover * cover
        rgb = self.sample.rgb.copy()
        mixed = self.pixels + weight[..., None] * (colours - self.pixels)
        rgb[self.window] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return dataclasses.replace(self.sample, rgb=rgb)


@dataclasses.dataclass(frozen=True)
class Frame:
    """A garment part's own axes. `origin`: its middle in the window; `along`: unit vector down the part; `across`: to
    its right; `length`, `width`: its size in pixels along and across."""

    origin: Point
    along: Point
    across: Point
    length: float
    width: float

    def coordinates(self, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Pixels across and along (h, w) from the origin."""
        y = np.arange(shape[0], dtype=np.float32)[:, None] - self.origin[1]
        x = np.arange(shape[1], dtype=np.float32)[None, :] - self.origin[0]
        return (
            np.asarray(x * self.across[0] + y * self.across[1], np.float32),
            np.asarray(x * self.along[0] + y * self.along[1], np.float32),
        )


def _frame(region: EditRegion) -> Frame:
    along = _direction(region)
    across = np.array([along[1], -along[0]], np.float32)
    ys, xs = np.nonzero(region.inside[::2, ::2])
    pixels = 2 * np.stack([xs, ys], 1).astype(np.float32)
    spans = [np.percentile(pixels @ axis, (2, 98)) for axis in (across, along)]
    middle = [float(span.mean()) for span in spans]
    origin = np.asarray(middle[0] * across + middle[1] * along, np.float32)
    width, length = (max(4.0, float(np.ptp(span))) for span in spans)
    return Frame(origin, along, across, length, width)


_HEADINGS = {
    "sleeved": (("neck_left", "neck_right"), ("hem_left", "hem_right")),
    "sleeveless": (("neck_left", "neck_right"), ("hem_left", "hem_right")),
    "legs": (("waistband_left", "waistband_right"), ("crotch",)),
    "skirt": (("waistband_left", "waistband_right"), ("hem_left", "hem_right")),
}


def _direction(region: EditRegion) -> Point:
    """Unit vector down the garment, or down the sleeve."""
    group = group_of(region.sample)
    starts, ends = _HEADINGS[group]
    if group == "sleeved" and region.index >= 3:
        shoulder, outer, inner, armpit = sleeve_names(region.side)
        starts, ends = (shoulder, armpit), (outer, inner)
    start, end = landmarks(region.sample, *starts), landmarks(region.sample, *ends)
    if start is None or end is None:
        return np.array([0, 1], np.float32)
    heading = end.mean(0) - start.mean(0)
    return np.asarray(heading / max(1e-3, float(np.hypot(*heading))), np.float32)
