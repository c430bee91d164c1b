"""Copies of a photo as they turn up: another photo of the same print, on another background, mirrored,
recompressed, with one or two regions repainted. Plainer than those of `seamline.data.copies`, and made in milliseconds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import CropSpec
from seamline.data.jpeg import recompressed
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes
from seamline.systems.psnet.spec import MIRRORED, REGIONS
from seamline.training.augment import View, on_background, random_background, view_of
from seamline.training.crops import PRESENT, CropStore
from seamline.training.views import CHANGED, KEPT, UNCLEAR

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_MOSTLY, _HARDLY = 0.5, 0.1
"""A region counts as changed from the first share of repainted garment pixels in its box, as kept below the second."""


@dataclasses.dataclass(frozen=True)
class Perturbation:
    """`regions`: how many are redesigned; `mirror`; `background`: whether it is replaced."""

    regions: int = 0
    mirror: bool = False
    background: bool = True


COPIES = (
    Perturbation(),
    Perturbation(mirror=True),
    Perturbation(regions=1),
    Perturbation(regions=2),
    Perturbation(regions=2, mirror=True),
)


@dataclasses.dataclass(frozen=True)
class Copy:
    """pixels [S,S,3] of the crop; the label's landmarks [K,3] in it (confidence 1 where present); per region of the
    *original* whether it is KEPT, CHANGED or UNCLEAR [5]; `mirrored`."""

    pixels: Bytes
    landmarks: Floats
    change: NDArray[np.int8]
    mirrored: bool


def perturbed(store: CropStore, index: int, kind: Perturbation, random: np.random.Generator) -> Copy:
    """A copy of stored crop `index`; mask and landmarks of the label guide it."""
    side = CropSpec().side
    view = _jittered(store, index, side, kind.mirror, random)
    change = np.full(len(REGIONS), KEPT, np.int8)
    pixels = view.pixels
    if kind.regions:
        pixels, change = redesigned(view, store.labels[index].category, kind.regions, random)
    if kind.background:
        pixels = on_background(pixels, view.mask, random_background(store, side, random))
    pixels = recompressed(coarser(relit(pixels, random), random), int(random.integers(35, 85)))
    landmarks = np.column_stack([view.points, view.state == PRESENT]).astype(np.float32)
    return Copy(pixels, landmarks, change[list(MIRRORED)] if kind.mirror else change, kind.mirror)


def _jittered(store: CropStore, index: int, side: int, mirror: bool, random: np.random.Generator) -> View:
    """As another detection of the same garment would be cropped."""
    angle, scale = float(random.uniform(-8, 8)), float(np.exp(random.uniform(-0.08, 0.08)))
    x, y = (float(value) for value in random.uniform(-0.03, 0.03, 2))
    return view_of(store, index, side, angle, scale, (x, y), mirror)


def redesigned(view: View, category: str, count: int, random: np.random.Generator) -> tuple[Bytes, NDArray[np.int8]]:
    """Repaint `count` of the view's regions; returns pixels and, per region of the view, what became of it."""
    landmarks = np.column_stack([view.points, view.state == PRESENT]).astype(np.float32)
    boxes, visible = region_boxes(landmarks, category, DEFAULT_SPEC)
    chosen = random.permutation(np.flatnonzero(visible))[:count]
    painted = np.zeros(view.mask.shape, np.float32)
    pixels = view.pixels
    for region in chosen:
        zone = _zone(landmarks, category, int(region), view.mask)
        pixels = _repainted(pixels, zone, random)
        painted = np.maximum(painted, zone)
    change = np.array(
        [_change(painted, view.mask, box) if seen else UNCLEAR for box, seen in zip(boxes, visible, strict=True)]
    )
    return pixels, change.astype(np.int8)


def _zone(landmarks: Floats, category: str, region: int, mask: Bytes) -> Floats:
    """Soft mask of a region: the hull of its landmarks, somewhat enlarged, inside the garment."""
    rule = DEFAULT_SPEC.regions.groups[DEFAULT_SPEC.regions.group_of[category]][region]
    hull = cv2.convexHull(_rule_points(rule.points, landmarks).astype(np.float32)).astype(np.int32)
    zone = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(zone, hull, (255,))
    wider = cv2.dilate(zone, np.ones((9, 9), np.uint8))
    soft = cv2.GaussianBlur(np.minimum(wider, mask), (0, 0), 1.5)
    return soft.astype(np.float32) / 255


def _rule_points(points: Sequence[object], landmarks: Floats) -> Floats:
    names = DEFAULT_SPEC.landmarks
    places = []
    for point in points:
        if isinstance(point, str):
            place = landmarks[names.index(point)]
        else:
            first, second, share = cast("tuple[str, str, float]", point)
            a, b = landmarks[names.index(first)], landmarks[names.index(second)]
            place = a + share * (b - a)
        if place[2] > 0:
            places.append(place[:2])
    return np.array(places)


def _repainted(pixels: Bytes, zone: Floats, random: np.random.Generator) -> Bytes:
    """Another dye, and often another pattern, that keeps the folds' light and shade."""
    light = cv2.GaussianBlur(pixels, (0, 0), 2.0).mean(-1, keepdims=True, dtype=np.float32)
    inside = light[zone > 0.5]
    shade = light / max(float(inside.mean()) if inside.size else 128.0, 20.0)
    colour = _dye(pixels.shape[:2], random)
    mix = zone[..., None]
    return np.clip(pixels * (1 - mix) + colour * np.clip(shade, 0.4, 1.6) * mix, 0, 255).astype(np.uint8)


def _dye(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """[H,W,3]: plain, striped, checked or dotted cloth in random colours."""
    first, second = random.uniform(20, 235, (2, 3))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle, period = random.uniform(0, np.pi), random.uniform(6, 30)
    along = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
    across = np.sin((y * np.cos(angle) - x * np.sin(angle)) * 2 * np.pi / period)
    pattern = {
        0: np.zeros_like(x),
        1: np.zeros_like(x),
        2: (along > random.uniform(-0.5, 0.7)).astype(np.float32),
        3: ((along > 0) ^ (across > 0)).astype(np.float32),
        4: (along + across > 1.0).astype(np.float32),
    }[int(random.integers(5))]
    return (first + (second - first) * pattern[..., None]).astype(np.float32)


def _change(painted: Floats, mask: Bytes, box: Floats) -> int:
    x0, y0, x1, y1 = (round(float(value)) for value in box)
    garment = mask[y0:y1, x0:x1] > 127
    if not garment.any():
        return UNCLEAR
    share = float((painted[y0:y1, x0:x1] > 0.5)[garment].mean())
    return CHANGED if share >= _MOSTLY else KEPT if share < _HARDLY else UNCLEAR


def coarser(pixels: Bytes, random: np.random.Generator) -> Bytes:
    """Taken from further away, or scaled down on the way."""
    side = len(pixels)
    small = int(side * random.uniform(0.5, 1.0))
    reduced = cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA)
    return cast("Bytes", cv2.resize(reduced, (side, side), interpolation=cv2.INTER_LINEAR))


def relit(pixels: Bytes, random: np.random.Generator) -> Bytes:
    """Other exposure, contrast and white balance, and light that falls off to one side."""
    values = np.arange(256, dtype=np.float32)[:, None] / 255
    curve = values ** np.exp(random.uniform(-0.25, 0.25)) * np.exp(random.uniform(-0.15, 0.15))
    gain = np.exp(random.uniform(-0.06, 0.06, 3))
    table = (np.clip(curve * gain, 0, 1) * 255 + 0.5).astype(np.uint8)[None]
    angle, depth = random.uniform(0, 2 * np.pi), random.uniform(0, 0.25)
    places = np.linspace(-0.5, 0.5, len(pixels), dtype=np.float32)
    field = 1 + depth * (places * np.cos(angle) + places[:, None] * np.sin(angle))
    return np.clip(cv2.LUT(pixels, table) * field[..., None], 0, 255).astype(np.uint8)
