"""Edits of a garment's shape: shorter sleeves, legs or hem, another neckline. Mask and points follow.

Each returns None where it cannot be done.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.copies.edit_region import EditRegion
from seamline.data.copies.inpainting import inpainted
from seamline.data.copies.landmarks import Point, beyond, landmark, landmarks, neckline, with_landmarks
from seamline.data.copies.sample import Floats, GarmentSample, Mask
from seamline.data.copies.zones import group_of, sleeve_names, trunk_width

Inside = NDArray[np.bool_]


def shorter(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A shorter sleeve, hem or pair of legs; the background shows where cloth was."""
    group = group_of(region.sample)
    if group == "sleeved" and region.index >= 3:
        return _shorter_sleeve(region, random)
    if group == "legs" and region.index == 2:
        return _shorter_legs(region, random)
    return _shorter_hem(region, random) if group != "legs" and region.index == 2 else None


def neck(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    """A deeper neckline, round or V, that shows the back's inside, with a band along its edge."""
    if region.index != 0 or group_of(region.sample) not in ("sleeved", "sleeveless"):
        return None
    ends, bottom = landmarks(region.sample, "neck_left", "neck_right"), landmark(region.sample, "neck_bottom")
    armpits = landmarks(region.sample, "armpit_left", "armpit_right")
    if ends is None or bottom is None or armpits is None:
        return None
    down = armpits.mean(0) - ends.mean(0)
    down = down / max(1e-3, float(np.hypot(*down)))
    depth = float((bottom - ends.mean(0)) @ down)
    deeper = max(depth * random.uniform(1.2, 1.6), depth + random.uniform(0.08, 0.2) * trunk_width(region.sample))
    lowest = np.asarray(ends.mean(0) + deeper * down, np.float32)
    curve = neckline(ends, lowest, float(random.choice([0.0, 0.15, 0.9, 1.0])))
    return _opened(region, curve, lowest, random)


def _shorter_sleeve(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    names = sleeve_names(region.side)
    corners = landmarks(region.sample, *names)
    if corners is None:
        return None
    shoulder, outer, inner, armpit = corners
    keep = _kept_length(float(np.hypot(*((outer + inner - shoulder - armpit) / 2))), trunk_width(region.sample), random)
    if keep is None:
        return None
    edge = shoulder + keep * (outer - shoulder), armpit + keep * (inner - armpit)
    return _cut(
        region, region.zone > 0, edge, (shoulder + armpit) / 2, dict(zip(names[1:3], edge, strict=True)), random
    )


def _kept_length(length: float, width: float, random: np.random.Generator) -> float | None:
    """Share of a sleeve that stays: long ones may become short or half long."""
    if length < 0.25 * width:
        return None
    return random.uniform(0.25, 0.65) if length > 0.6 * width else random.uniform(0.4, 0.6)


def _shorter_hem(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    skirt = group_of(region.sample) == "skirt"
    side = "waistband" if skirt else "waist"
    start, end = (
        landmarks(region.sample, f"{side}_left", f"{side}_right"),
        landmarks(region.sample, "hem_left", "hem_right"),
    )
    if start is None or end is None:
        return None
    keep = random.uniform(0.55, 0.75) if skirt else random.uniform(0.3, 0.6)
    edge = start + keep * (end - start)
    where = (region.sample.mask > 127) if skirt else region.zone > 0
    return _cut(region, where, (edge[0], edge[1]), start.mean(0), {"hem_left": edge[0], "hem_right": edge[1]}, random)


def _shorter_legs(region: EditRegion, random: np.random.Generator) -> GarmentSample | None:
    crotch = landmark(region.sample, "crotch")
    names = "leg_left_outer", "leg_left_inner", "leg_right_inner", "leg_right_outer"
    ends = landmarks(region.sample, *names)
    band = landmarks(region.sample, "waistband_left", "waistband_right")
    if crotch is None or ends is None or band is None:
        return None
    keep = random.uniform(0.25, 0.55)
    sample = region.sample
    for side, (first, second) in enumerate(((0, 1), (3, 2))):
        hip = crotch + (band[side] - band.mean(0))
        edge = hip + keep * (ends[first] - hip), crotch + keep * (ends[second] - crotch)
        mine = beyond(region.zone.shape, crotch, band.mean(0), ends[first]) < 0
        own = dataclasses.replace(region, sample=sample)
        targets = {names[first]: edge[0], names[second]: edge[1]}
        cut = _cut(own, (sample.mask > 127) & mine, edge, (hip + crotch) / 2, targets, random)
        if cut is None:
            return None
        sample = cut
    return sample


def _cut(
    region: EditRegion, where: Inside, edge: tuple[Point, Point], inner: Point, targets: dict[str, Point],
    random: np.random.Generator,
) -> GarmentSample | None:  # fmt: skip
    """The garment without what lies beyond the edge; the edge is hemmed."""
    past = beyond(region.zone.shape, edge[0], edge[1], inner)
    wave = 1.5 * np.sin(np.arange(region.zone.shape[1], dtype=np.float32) / random.uniform(12, 30))
    past = past + wave[None]
    gone = np.where(where & (past > 0), 255, 0).astype(np.uint8)
    left = np.where(gone > 0, 0, region.sample.mask).astype(np.uint8)
    if cv2.countNonZero(gone) < 0.01 * cv2.countNonZero(region.sample.mask):
        return None
    hemmed = _hemmed(region.sample.rgb, np.where(where, past, -1e3).astype(np.float32), random)
    rgb = inpainted(np.clip(hemmed, 0, 255).astype(np.uint8), region.sample.mask, gone)
    return dataclasses.replace(region.sample, rgb=rgb, mask=left, points=with_landmarks(region.sample, targets))


def _hemmed(rgb: NDArray[np.uint8], past: Floats, random: np.random.Generator) -> Floats:
    """A seam a little above the edge and a rounded edge. `past`: signed distance beyond the edge."""
    wide = random.uniform(5, 11)
    seam = np.exp(-(((past + wide) / 1.1) ** 2)) * random.uniform(0.1, 0.3)
    turn = np.exp(-((past / 1.8) ** 2)) * 0.25
    return np.asarray(rgb * (1 - seam - turn)[..., None], np.float32)


def _opened(region: EditRegion, curve: Point, lowest: Point, random: np.random.Generator) -> GarmentSample | None:
    """The inside of the back within a new neckline, and a band along it."""
    cloth = region.cloth
    offset = region.corner
    scale = trunk_width(region.sample)
    hole = np.zeros(region.inside.shape, np.uint8)
    path = np.round((curve - offset) * 16).astype(np.int32)
    cv2.fillPoly(hole, [path], (255,), cv2.LINE_AA, 4)
    band = np.zeros_like(hole)
    cv2.polylines(band, [path], False, (255,), max(2, round(scale * random.uniform(0.025, 0.045))), cv2.LINE_AA, 4)
    tone = random.uniform(0.8, 1.05)
    deep = _depth(hole, scale)
    inner = cloth.rgb * (0.72 - 0.22 * deep)[..., None] * (0.5 + 0.5 * cloth.light[..., None])
    rib = cloth.rgb * tone * cloth.light[..., None]
    opening = hole.astype(np.float32)[..., None] / 255
    strip = band.astype(np.float32)[..., None] / 255
    edge = 1 - 0.3 * _rim(band)
    painted = region.pixels + opening * (inner - region.pixels)
    painted = painted + strip * (rib * edge[..., None] - painted)
    sample = region.with_window(np.asarray(painted, np.float32))
    return dataclasses.replace(sample, points=with_landmarks(sample, {"neck_bottom": lowest}))


def _depth(hole: Mask, scale: float) -> Floats:
    """0..1, most just under the front edge, where it throws a shadow."""
    inside = cv2.distanceTransform(hole, cv2.DIST_L2, cv2.DIST_MASK_3)
    return np.asarray(np.exp(-np.asarray(inside, np.float32) / (0.03 * scale)), np.float32)


def _rim(band: Mask) -> Floats:
    """1 along a band's borders."""
    soft = np.asarray(cv2.GaussianBlur(band, (0, 0), 1.2), np.float32) / 255
    return np.asarray(4 * soft * (1 - soft), np.float32)
