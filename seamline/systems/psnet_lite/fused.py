"""What the steps between encoder and region head do, as one network: no Python runs between the two.

The boxes are those of `seamline.systems.psnet.regions.region_boxes` for every category at once: the rules of spec.json
become tables, and a category is a number, its place in `spec.CATEGORIES`. Pooling is torchvision's `roi_align` with
aligned=True, which is `seamline.systems.psnet.regions.roi_align` and becomes ONNX's RoiAlign.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align

from seamline.core.spec import CATEGORIES, REGIONS, Point, RegionRule, Spec
from seamline.systems.psnet.regions import SAMPLES

OTHER = len(CATEGORIES)
"""The number of a category that DeepFashion2 does not have; its regions are a sleeved garment's."""

_FAR = 1e6
"""Farther out than any landmark: what does not count never is the smallest or largest."""


@dataclasses.dataclass(frozen=True)
class _Rules:
    """Rules as tables: category -> group, and per group and region at most P points, each on the way from landmark
    `first` to `second`."""

    group: Tensor
    first: Tensor
    second: Tensor
    share: Tensor
    used: Tensor
    margin: Tensor

    @classmethod
    def of(cls, spec: Spec) -> _Rules:
        names = list(spec.regions.groups)
        rules = [spec.regions.groups[name] for name in names]
        most = max(len(rule.points) for group in rules for rule in group)
        rows = [[_row(rule, most, spec.landmarks) for rule in group] for group in rules]
        first, second, share, used = torch.tensor(rows, dtype=torch.float64).permute(3, 0, 1, 2)
        margin = [[rule.margin for rule in group] for group in rules]
        groups = [spec.regions.group_of.get(name, "sleeved") for name in CATEGORIES] + ["sleeved"]
        return cls(
            torch.tensor([names.index(name) for name in groups]), first.long(), second.long(), share.float(), used > 0,
            torch.tensor(margin, dtype=torch.float32),
        )  # fmt: skip


def _row(rule: RegionRule, most: int, names: tuple[str, ...]) -> list[tuple[float, float, float, float]]:
    points = [_point(point, names) for point in rule.points]
    return points + [(0.0, 0.0, 0.0, 0.0)] * (most - len(points))


def _point(point: Point, names: tuple[str, ...]) -> tuple[float, float, float, float]:
    if isinstance(point, str):
        return names.index(point), names.index(point), 0.0, 1.0
    return names.index(point[0]), names.index(point[1]), point[2], 1.0


class RegionBoxes(nn.Module):
    """Landmarks [B,K,3] in crop pixels and categories [B,1] -> boxes [B,5,4] in crop pixels, visibility [B,5]."""

    group: Tensor
    first: Tensor
    second: Tensor
    share: Tensor
    used: Tensor
    margin: Tensor

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        for field in dataclasses.fields(_Rules):
            self.register_buffer(field.name, getattr(_Rules.of(spec), field.name), persistent=False)
        self.least = spec.regions.min_confidence
        self.side = float(spec.crop.side)
        self.thinnest = spec.regions.min_cells * spec.crop.side / spec.encoder.map_side

    def forward(self, landmarks: Tensor, categories: Tensor) -> tuple[Tensor, Tensor]:
        group = self.group[categories[:, 0].long().clamp(0, OTHER)]
        places, confidence = self._points(landmarks, group)
        counted = self.used[group] & (confidence >= self.least)
        garment, known = _extent(landmarks[..., :2], landmarks[..., 2] >= self.least)
        corners, enough = _extent(places, counted)
        margin = self.margin[group][..., None] * (garment[..., 2:] - garment[..., :2])[:, None]
        boxes = torch.cat([corners[..., :2] - margin, corners[..., 2:] + margin], -1).clamp(0.0, self.side)
        mean = (confidence * counted).sum(-1) / counted.sum(-1).clamp_min(1)
        present = known[:, None] & enough & ((boxes[..., 2:] - boxes[..., :2]).amin(-1) >= self.thinnest)
        return boxes * present[..., None], mean * present

    def _points(self, landmarks: Tensor, group: Tensor) -> tuple[Tensor, Tensor]:
        """Places [B,5,P,2] and confidences [B,5,P] of the points that span the regions."""
        row = torch.arange(landmarks.shape[0])[:, None, None]
        a, b = landmarks[row, self.first[group]], landmarks[row, self.second[group]]
        places = a[..., :2] + self.share[group][..., None] * (b[..., :2] - a[..., :2])
        return places, torch.minimum(a[..., 2], b[..., 2])


def _extent(places: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
    """Bounding box [...,4] of the places [...,P,2] that count [...,P], and whether there are two of them."""
    low = torch.where(counted[..., None], places, _FAR).amin(-2)
    high = torch.where(counted[..., None], places, -_FAR).amax(-2)
    return torch.cat([low, high], -1), counted.sum(-1) >= 2


class FusedRegions(nn.Module):
    """The step region_pool as a network.

    FEATURES [B,C,H,W], CROP_LANDMARKS [B,K,3], CATEGORY [B,1], SQUARES [B,4] in the photo's pixels ->
    REGION_FEATURES [B,5,C,P,P] for the head, and LANDMARKS [B,K,3], REGION_BOXES [B,5,4] in the photo's pixels,
    REGION_VISIBLE [B,5] for the caller. Regions that are not visible hold whatever lies in the map's corner, which the
    head answers with zeros.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.boxes = RegionBoxes(spec)
        self.pool_size = spec.encoder.pool_size
        self.cells_per_pixel = spec.encoder.map_side / spec.crop.side
        self.side = float(spec.crop.side)

    def forward(
        self, features: Tensor, landmarks: Tensor, categories: Tensor, squares: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        boxes, visible = self.boxes(landmarks, categories)
        scale = ((squares[:, 2] - squares[:, 0]) / self.side)[:, None, None]
        corner = squares[:, None, :2]
        placed = torch.cat([corner + landmarks[..., :2] * scale, landmarks[..., 2:]], -1)
        regions = (torch.cat([corner, corner], -1) + boxes * scale) * (visible > 0)[..., None]
        return self._pool(features, boxes), placed, regions, visible

    def _pool(self, features: Tensor, boxes: Tensor) -> Tensor:
        crop = torch.arange(features.shape[0], dtype=boxes.dtype)[:, None, None].expand(-1, len(REGIONS), 1)
        rois = torch.cat([crop, boxes], -1).reshape(-1, 5)
        pooled = roi_align(features, rois, self.pool_size, self.cells_per_pixel, SAMPLES, aligned=True)
        return pooled.reshape(-1, len(REGIONS), *pooled.shape[1:])
