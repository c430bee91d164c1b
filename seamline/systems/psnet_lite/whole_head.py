"""The head of the garment's own vectors: a grid of means in, two unit vectors out, whatever category and landmarks
say."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.nn.grid import COLUMNS, ROWS
from seamline.nn.unit import unit


@dataclasses.dataclass(frozen=True)
class WholeHeadConfig:
    """`channels` of the grid, of one backbone's level or more side by side; `parts` vectors of `dimension` numbers."""

    channels: int = 192
    levels: int = 1
    parts: int = 2
    dimension: int = 128

    @property
    def statistics(self) -> int:
        """Numbers by which a garment is described."""
        return self.channels * ROWS * COLUMNS


SERVED = WholeHeadConfig(channels=384, levels=2)
"""The retrieval branch's last level, and ImageNet's."""


class WholeHead(nn.Module):
    """Grid [B,C,3,2] -> unit vectors [B,parts,dimension].

    Each level of the grid is scaled to length 1 first, so that contrast and exposure of the photo count less.
    """

    def __init__(self, config: WholeHeadConfig) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(config.parts * config.dimension, config.statistics))
        self.bias = nn.Parameter(torch.zeros(config.parts * config.dimension))

    def forward(self, grid: Tensor) -> Tensor:
        projected = functional.linear(described_by(grid, self.config.levels), self.weight, self.bias)
        return unit(projected.reshape(-1, self.config.parts, self.config.dimension))


def described_by(grid: Tensor, levels: int = 1) -> Tensor:
    """The grid as one vector [B,C*3*2], of which each level's share has length 1."""
    return unit(grid.reshape(-1, levels, grid[0].numel() // levels)).flatten(1)
