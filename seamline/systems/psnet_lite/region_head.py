"""The region head: five pooled regions in, five unit vectors out; zeros where a region is not visible.

A region is described zone by zone, so that a print on the chest's middle differs from one at its sides. Zones are the
same in a mirrored photo: those of collar, chest and waist are symmetric about the vertical middle, and those of the
right sleeve are the left sleeve's mirrored. Both sleeves share one projection, so that they can be exchanged.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from seamline.nn.unit import unit

PROJECTIONS = 4
"""Collar, chest, waist, sleeve: the last one serves both sleeves."""


@dataclasses.dataclass(frozen=True)
class RegionHeadConfig:
    """`channels` of the map, the last of which is the share of garment; `dimension` of one region's vector;
    `pool_size` P of the pooled regions; zones in `rows` and `columns`."""

    channels: int = 128
    dimension: int = 128
    pool_size: int = 7
    rows: int = 3
    columns: int = 2

    @property
    def statistics(self) -> int:
        """Numbers by which a region is described."""
        return (self.rows * self.columns + 1) * (self.channels - 1)


class RegionHead(nn.Module):
    """Regions [B,5,channels,P,P] and visibility [B,5] -> unit vectors [B,5,dimension], zeros where visibility <= 0."""

    zones: Tensor

    def __init__(self, config: RegionHeadConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("zones", zones(config), persistent=False)
        self.weight = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension, config.statistics))
        self.bias = nn.Parameter(torch.zeros(PROJECTIONS, config.dimension))

    def forward(self, regions: Tensor, visible: Tensor) -> Tensor:
        vectors = self.from_statistics(garment_statistics(regions, self.zones))
        return vectors * (visible > 0).to(vectors.dtype)[..., None]

    def from_statistics(self, statistics: Tensor) -> Tensor:
        """Statistics [B,5,config.statistics] of the regions -> unit vectors [B,5,dimension]."""
        return unit((_per_region(self.weight) @ statistics[..., None])[..., 0] + _per_region(self.bias))


def _per_region(values: Tensor) -> Tensor:
    return torch.cat([values, values[-1:]])


def zones(config: RegionHeadConfig) -> Tensor:
    """Weights [5,rows*columns,P,P] of a pooled region's cells in its zones; those of a cell sum to 1.

    Zones blend into each other, so that a small error of a box changes little. Columns count from the middle outwards;
    a sleeve's count from the picture's left for the left sleeve and from its right for the right one.
    """
    centres = (torch.arange(config.pool_size) + 0.5) / config.pool_size
    rows = _bands(centres, config.rows)
    outwards, across = _bands((2 * centres - 1).abs(), config.columns), _bands(centres, config.columns)
    middle, sleeve = (torch.einsum("yr,xc->rcyx", rows, columns).flatten(0, 1) for columns in (outwards, across))
    return torch.stack([middle, middle, middle, sleeve, sleeve.flip(-1)])


def _bands(places: Tensor, count: int) -> Tensor:
    """Weights [len(places),count] of places 0..1 in evenly spread bands, linear between the bands' middles."""
    middles = (torch.arange(count) + 0.5) / count
    clamped = places.clamp(float(middles[0]), float(middles[-1]))
    return (1 - (clamped[:, None] - middles).abs() * count).clamp_min(0)


def garment_statistics(regions: Tensor, weights: Tensor) -> Tensor:
    """Means of each feature over a region's garment in every zone, and its spread over the whole region.

    Regions [B,5,C,P,P] and zones' weights [5,Z,P,P] -> [B,5,(Z+1)*(C-1)]. The last channel is each cell's share of
    garment, by which the encoder has already multiplied the features. A zone with little garment takes the mean of the
    region in the place of its own.
    """
    features, foreground = regions[..., :-1, :, :], regions[..., -1, :, :]
    amount = foreground.sum((-2, -1))
    mean = features.sum((-2, -1)) / (amount + _LEAST_FOREGROUND)[..., None]
    own = (weights.flatten(2) * foreground.flatten(-2)[..., None, :]).sum(-1)
    means = weights.flatten(2) @ features.flatten(-2).transpose(-1, -2) / (own + _LEAST_FOREGROUND)[..., None]
    known = (own / (amount + _LEAST_FOREGROUND)[..., None] * weights.shape[1] * _ENOUGH).clamp_max(1)[..., None]
    means = known * means + (1 - known) * mean[..., None, :]
    return torch.cat([means.flatten(2), _spread(features, foreground, amount, mean)], -1)


def _spread(features: Tensor, foreground: Tensor, amount: Tensor, mean: Tensor) -> Tensor:
    square = (features.square() / (foreground[..., None, :, :] + _SOFTENING)).sum((-2, -1))
    square = square / (amount + _LEAST_FOREGROUND)[..., None]
    return torch.sqrt((square - mean.square()).clamp_min(0) + 1e-4)


_LEAST_FOREGROUND = 1e-3
_SOFTENING = 0.05
"""Keeps a cell with hardly any garment from deciding the spread."""
_ENOUGH = 4
"""A zone with a fourth of the garment of an average one counts in full."""
