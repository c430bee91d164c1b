"""The grid that the parts of the whole are made of."""

from __future__ import annotations

import torch

from seamline.nn.grid import COLUMNS, ROWS, symmetric_grid


def test_cells_are_those_of_adaptive_pooling() -> None:
    level = torch.rand(1, 2, 7, 7)
    cells = torch.nn.functional.adaptive_avg_pool2d(level, 3)
    grid = symmetric_grid(level, torch.ones(1, 1, 7, 7))
    torch.testing.assert_close(grid[..., 0], (cells[..., 0] + cells[..., 2]) / 2)
    torch.testing.assert_close(grid[..., 1], cells[..., 1])


def test_a_mirrored_map_has_the_same_grid() -> None:
    level, weight = torch.rand(2, 4, 7, 7), torch.rand(2, 1, 7, 7) + 0.1
    grid = symmetric_grid(level, weight)
    assert grid.shape == (2, 4, ROWS, COLUMNS)
    torch.testing.assert_close(symmetric_grid(level.flip(-1), weight.flip(-1)), grid)
    assert not torch.allclose(symmetric_grid(level.flip(-2), weight.flip(-2)), grid)


def test_places_without_weight_do_not_count() -> None:
    level, weight = torch.ones(1, 1, 7, 7), torch.full((1, 1, 7, 7), 1e-6)
    weight[..., :4] = 1.0
    level[..., 4:] = 100.0
    torch.testing.assert_close(symmetric_grid(level, weight), torch.ones(1, 1, ROWS, COLUMNS), atol=1e-2, rtol=0)
