"""From landmarks to five region boxes, and from boxes to pooled features.

Regions come in the order of `spec.REGIONS`. PS-Net (Lang et al., CVPR 2020) fits a box to each group of landmarks and
pools the attended map in it; the rule itself is unpublished and ours is data, in `spec.json`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.core.image import square_box
from seamline.core.spec import Spec
from seamline.systems.psnet.spec import REGIONS, Point, PSNetSpec, RegionRule

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

SAMPLES = 2
"""Sampling points per bin and axis of RoIAlign (He et al., ICCV 2017)."""


def region_boxes(landmarks: Floats, category: str, spec: PSNetSpec) -> tuple[Floats, Floats]:
    """Five boxes (5, 4) in crop pixels and their visibility (5,) from landmarks (K, 3) = x, y, confidence.

    Visibility is the mean confidence of the landmarks that span the box, and 0 where fewer than two of them are
    confident enough or the box is thinner than `min_cells` cells of the encoder's map; such a box is all zeros.
    """
    rules = spec.regions.groups[spec.regions.group_of.get(category, "sleeved")]
    confident = landmarks[landmarks[:, 2] >= spec.regions.min_confidence]
    boxes = np.zeros((len(REGIONS), 4), np.float32)
    visible = np.zeros(len(REGIONS), np.float32)
    if len(confident) < 2:
        return boxes, visible
    garment = confident[:, :2].max(0) - confident[:, :2].min(0)
    thinnest = spec.regions.min_cells * spec.crop.side / spec.encoder.map_side
    for index, rule in enumerate(rules):
        box, confidence = _region_box(rule, landmarks, garment, spec)
        if confidence and min(box[2] - box[0], box[3] - box[1]) >= thinnest:
            boxes[index], visible[index] = box, confidence
    return boxes, visible


def _region_box(rule: RegionRule, landmarks: Floats, garment: Floats, spec: PSNetSpec) -> tuple[Floats, float]:
    points = np.array([_locate(point, landmarks, spec.landmarks) for point in rule.points], np.float32)
    points = points[points[:, 2] >= spec.regions.min_confidence]
    if len(points) < 2:
        return np.zeros(4, np.float32), 0.0
    margin = rule.margin * garment
    box = np.concatenate([points[:, :2].min(0) - margin, points[:, :2].max(0) + margin])
    return np.clip(box, 0, spec.crop.side).astype(np.float32), float(points[:, 2].mean())


def _locate(point: Point, landmarks: Floats, names: tuple[str, ...]) -> Floats:
    if isinstance(point, str):
        return landmarks[names.index(point)]
    first, second, share = point
    a, b = landmarks[names.index(first)], landmarks[names.index(second)]
    mixed = a + share * (b - a)
    mixed[2] = min(a[2], b[2])
    return mixed


def roi_align(features: Floats, boxes: Floats, size: int, cell: float) -> Floats:
    """Pool a map (C, H, W) in boxes (R, 4) to (R, C, size, size), as torchvision's roi_align with aligned=True.

    `cell`: pixels of the boxes per cell of the map. Bilinear sampling on a grid is separable, so all boxes together
    cost one matrix product down the map's columns and one along its rows.
    """
    channels, height, width = features.shape
    x0, y0, x1, y1 = (boxes / cell - 0.5).astype(np.float64).T
    down = _sampling_matrices(y0, y1, size, height).reshape(-1, height)
    along = _sampling_matrices(x0, x1, size, width)
    sampled = down @ features.transpose(1, 0, 2).reshape(height, -1)
    pooled = sampled.reshape(len(boxes), size * channels, width) @ along.transpose(0, 2, 1)
    return np.ascontiguousarray(pooled.reshape(len(boxes), size, channels, size).transpose(0, 2, 1, 3))


def _sampling_matrices(starts: Doubles, ends: Doubles, size: int, length: int) -> Floats:
    """(R, size, length): row i averages the bilinear samples of bin i between a start (R,) and its end."""
    offsets = np.arange(size)[:, None] + (np.arange(SAMPLES) + 0.5) / SAMPLES
    places = starts[:, None, None] + offsets * ((ends - starts) / size)[:, None, None]
    inside = (places >= -1) & (places <= length)
    nearness = 1 - np.abs(places.clip(0, length - 1)[..., None] - np.arange(length))
    matrices: Floats = ((nearness.clip(0) * inside[..., None]).sum(2) / SAMPLES).astype(np.float32)
    return matrices


def true_region_boxes(box: Floats, landmarks: Floats, category: str, spec: Spec) -> tuple[Floats, Floats]:
    """Boxes (P, 4) in the photo's pixels and which parts have one (P,), of the garment in `box` (4,).

    It lies upright in its photo: the rules go by the garment's own axes.

    `landmarks` (K, 3): x, y in the photo's pixels and a confidence, in the order of `spec.landmarks`.
    """
    square = square_box(box, spec.crop.margin)
    scale = (square[2] - square[0]) / spec.crop.side
    points = landmarks.astype(np.float32)
    points[:, :2] = (points[:, :2] - square[:2]) / scale
    found, seen = region_boxes(points, category, PSNetSpec.of(spec))
    boxes, visible = np.zeros((len(spec.parts), 4), np.float32), np.zeros(len(spec.parts), np.float32)
    for region, name in enumerate(REGIONS):
        place = spec.parts.names.index(name)
        boxes[place], visible[place] = np.tile(square[:2], 2) + found[region] * scale, seen[region]
    return boxes, visible
