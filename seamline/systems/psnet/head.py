"""From the attended map to five region vectors: RoIAlign, mean, linear, batch norm, unit length.

RoIAlign, the mean and the linear layer commute, since the layer has no bias. Serving applies the layer to the whole
map, which then has a vector's channels instead of 1024, and leaves mean, batch norm and length to the region head.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import roi_align

from seamline.nn.unit import unit
from seamline.systems.psnet.config import STRIDE
from seamline.systems.psnet.regions import SAMPLES, region_boxes
from seamline.systems.psnet.spec import EncoderSpec, PSNetSpec


class PSNetHead(nn.Module):
    """F' [B,width,28,28], boxes [B,5,4] in crop pixels and visible [B,5] -> unit vectors [B,5,dimension], zeros where
    visible <= 0."""

    def __init__(self, width: int, dimension: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, dimension, bias=False)
        self.norm = nn.BatchNorm1d(dimension)

    def forward(self, features: Tensor, boxes: Tensor, visible: Tensor) -> Tensor:
        return self.finish(self.linear(region_means(features, boxes)), visible)

    def project(self, features: Tensor) -> Tensor:
        """The linear layer on every cell: [B,width,H,W] -> [B,dimension,H,W]."""
        return functional.conv2d(features, self.linear.weight[..., None, None])

    def finish(self, means: Tensor, visible: Tensor) -> Tensor:
        """Projected means [B,5,dimension] -> vectors. In training only visible regions enter the statistics."""
        seen = visible > 0
        if self.training and int(seen.sum()) > 1:
            vectors = torch.zeros_like(means)
            vectors[seen] = unit(self.norm(means[seen])).to(means.dtype)
            return vectors
        return unit(self._at_stored_statistics(means)) * seen.to(means.dtype)[..., None]

    def _at_stored_statistics(self, means: Tensor) -> Tensor:
        norm = self.norm
        if norm.running_mean is None or norm.running_var is None:
            raise ValueError("the head's batch norm has no stored statistics")
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return (means - norm.running_mean) * scale + norm.bias


def region_means(features: Tensor, boxes: Tensor) -> Tensor:
    """Means [B,5,C] of a map [B,C,H,W] over the RoIAligned cells of boxes [B,5,4]."""
    pooled = roi_align(
        features, list(boxes.to(features.dtype)), EncoderSpec().pool_size, 1 / STRIDE, SAMPLES, aligned=True
    )
    return pooled.mean((-2, -1)).unflatten(0, boxes.shape[:2])


def region_boxes_of(landmarks: Tensor, categories: Sequence[str], spec: PSNetSpec) -> tuple[Tensor, Tensor]:
    """Boxes [B,5,4] in crop pixels and visibility [B,5] of landmarks [B,K,3], by the rules that serving uses."""
    points = landmarks.detach().float().cpu().numpy()
    found = [region_boxes(own, category, spec) for own, category in zip(points, categories, strict=True)]
    boxes, visible = (torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True))
    return boxes.to(landmarks.device), visible.to(landmarks.device)
