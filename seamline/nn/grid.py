"""Weighted means of a map over a coarse grid of cells that a mirrored picture leaves as it is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

ROWS, COLUMNS = 3, 2
"""Cells of the grid. Its columns are both sides together and the middle."""


def symmetric_grid(level: Tensor, weight: Tensor) -> Tensor:
    """Means [B,C,ROWS,COLUMNS] of a map [B,C,H,H], each place counting by its weight [B,1,H,H] above 0.

    H is odd and at least 3; neighbouring cells share a row and a column of places. Only pooling and slices are used:
    TensorRT has no products of matrices in single precision for every architecture.
    """
    return _folded(_cells(level * weight)) / _folded(_cells(weight))


def _cells(level: Tensor) -> Tensor:
    """Means [B,C,3,3]."""
    side = level.shape[-1] // 2
    return functional.avg_pool2d(level, side, stride=(level.shape[-1] - side) // (ROWS - 1))


def _folded(cells: Tensor) -> Tensor:
    sides = (cells[..., :1] + cells[..., 2:]) / 2
    return torch.cat([sides, cells[..., 1:2]], -1)
