"""The region head: five pooled regions in, five unit vectors out; zeros where a region is not visible.

Pooling ignores the order of the cells, so that a mirrored region nearly keeps its vector, and both sleeves share one
projection, so that they can be exchanged.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

PROJECTIONS = 4
"""Collar, chest, waist, sleeve: the last one serves both sleeves."""


@dataclasses.dataclass(frozen=True)
class RegionHeadConfig:
    """`channels` of the map, the last of which is the share of garment; `dimension` of one region's vector."""

    channels: int = 128
    dimension: int = 128


class RegionHead(nn.Module):
    """Regions [B,5,channels,P,P] and visibility [B,5] -> unit vectors [B,5,dimension], zeros where visibility <= 0."""

    def __init__(self, config: RegionHeadConfig) -> None:
        super().__init__()
        self.config = config
        inputs = 2 * (config.channels - 1)
        self.weight = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension, inputs))
        self.bias = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension))

    def forward(self, regions: Tensor, visible: Tensor) -> Tensor:
        vectors = self.from_statistics(garment_statistics(regions))
        return vectors * (visible > 0).to(vectors.dtype)[..., None]

    def from_statistics(self, statistics: Tensor) -> Tensor:
        """Statistics [B,5,2*(channels-1)] of the regions -> unit vectors [B,5,dimension]."""
        return unit((_per_region(self.weight) @ statistics[..., None])[..., 0] + _per_region(self.bias))


def _per_region(values: Tensor) -> Tensor:
    return torch.cat([values, values[-1:]])


def garment_statistics(regions: Tensor) -> Tensor:
    """Mean and spread of each feature over a region's garment: [...,C,P,P] -> [...,2*(C-1)].

    The last channel is each cell's share of garment, by which the encoder has already multiplied the features.
    """
    cells = regions.flatten(-2)
    features, share = cells[..., :-1, :], cells[..., -1:, :]
    total = share.sum(-1) + _LEAST_SHARE
    mean = features.sum(-1) / total
    square = (features.square() / (share + _SOFTENING)).sum(-1) / total
    spread = torch.sqrt((square - mean.square()).clamp_min(0) + 1e-4)
    return torch.cat([mean, spread], -1)


_LEAST_SHARE = 1e-3
_SOFTENING = 0.05
"""Keeps a cell with hardly any garment from deciding the spread."""


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1 along the last axis."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-6)
