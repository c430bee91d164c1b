"""Weighted means of a map over a coarse grid of cells that a mirrored picture leaves as it is."""

from __future__ import annotations

import torch
from torch import Tensor

ROWS, COLUMNS = 3, 2
"""Cells of the grid. Its columns are the middle and both sides together."""


def symmetric_grid(level: Tensor, weight: Tensor) -> Tensor:
    """Means [B,C,ROWS,COLUMNS] of a map [B,C,H,H], each place counting by its weight [B,1,H,H] above 0.

    Cells are spread evenly and share places where they do not divide H. Written as products with constants, since
    exporters know adaptive pooling for whole cells only.
    """
    bands = averaging(level.shape[-1], ROWS)
    sides = [(first + last) / 2 for first, last in zip(bands[0], bands[-1], strict=True)]
    rows, columns = _constant(bands, level), _constant([sides, bands[1]], level)
    return (rows @ (level * weight) @ columns.T) / (rows @ weight @ columns.T)


def averaging(length: int, cells: int) -> list[list[float]]:
    """Weights (cells, length) that average `length` places in evenly spread cells, as adaptive pooling does."""
    bounds = [(cell * length // cells, -(-(cell + 1) * length // cells)) for cell in range(cells)]
    return [[(first <= place < last) / (last - first) for place in range(length)] for first, last in bounds]


def _constant(values: list[list[float]], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)
