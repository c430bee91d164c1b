"""The region head: five pooled regions in, five unit vectors out; zeros where a region is not visible.

Pooling ignores the order of the cells, so that a mirrored region keeps its vector, and both sleeves share one projection,
so that they can be exchanged.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

PROJECTIONS = 4
"""Collar, chest, waist, sleeve: the last one serves both sleeves."""


@dataclasses.dataclass(frozen=True)
class RegionHeadConfig:
    """`channels` of the map, `dimension` of one region's vector."""

    channels: int = 128
    dimension: int = 128


class RegionHead(nn.Module):
    """Regions [B,5,channels,P,P] and visibility [B,5] -> unit vectors [B,5,dimension], zeros where visibility <= 0."""

    def __init__(self, config: RegionHeadConfig) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension, 2 * config.channels))
        self.bias = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension))

    def forward(self, regions: Tensor, visible: Tensor) -> Tensor:
        statistics = pooled_statistics(regions)
        vectors = (_per_region(self.weight) @ statistics[..., None])[..., 0] + _per_region(self.bias)
        return unit(vectors) * (visible > 0).to(vectors.dtype)[..., None]


def _per_region(values: Tensor) -> Tensor:
    return torch.cat([values, values[-1:]])


def pooled_statistics(regions: Tensor) -> Tensor:
    """Mean and standard deviation over the cells: [...,C,P,P] -> [...,2C]."""
    mean = regions.mean((-2, -1))
    variance = (regions - mean[..., None, None]).square().mean((-2, -1))
    return torch.cat([mean, torch.sqrt(variance + 1e-6)], -1)


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1 along the last axis."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp_min(1e-6)
