"""The head of the garment as a whole: a whitened PCA of grids."""

from __future__ import annotations

import numpy as np
import torch

from seamline.nn.grid import COLUMNS, ROWS
from seamline.systems.psnet_lite.projection import fit_whole
from seamline.systems.psnet_lite.whole_head import WholeHead, WholeHeadConfig, described_by

CONFIG = WholeHeadConfig(channels=4, parts=2, dimension=6)


def grids(count: int, seed: int) -> np.ndarray:
    """Grids of which the first channels vary ten times as much as the last one."""
    spread = np.linspace(10, 1, CONFIG.channels)[None, :, None, None]
    shape = (count, CONFIG.channels, ROWS, COLUMNS)
    return (spread * np.random.default_rng(seed).standard_normal(shape) + 30).astype(np.float32)


def test_vectors_have_unit_length_and_unrelated_garments_are_not_alike() -> None:
    head = fit_whole(grids(400, seed=0), CONFIG)
    with torch.inference_mode():
        vectors = head(torch.from_numpy(grids(50, seed=1)))
    assert vectors.shape == (50, 2, 6)
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(50, 2))
    for part in (0, 1):
        alike = vectors[:, part] @ vectors[:, part].T
        assert abs(float(alike[~torch.eye(50, dtype=torch.bool)].mean())) < 0.05


def test_directions_of_much_and_of_little_variance_count_alike() -> None:
    taken = grids(400, seed=0)
    head = fit_whole(taken, CONFIG)
    with torch.inference_mode():
        projected = torch.nn.functional.linear(described_by(torch.from_numpy(taken)), head.weight, head.bias)
    torch.testing.assert_close(projected.std(0), torch.ones(12), atol=0.05, rtol=0)
    torch.testing.assert_close(projected.mean(0), torch.zeros(12), atol=1e-3, rtol=0)


def test_a_brighter_photo_keeps_its_vectors() -> None:
    head = WholeHead(CONFIG)
    torch.nn.init.normal_(head.weight)
    grid = torch.from_numpy(grids(3, seed=2))
    torch.testing.assert_close(head(1.7 * grid), head(grid))


def test_each_level_has_the_same_say_however_large_its_numbers_are() -> None:
    first, second = torch.from_numpy(grids(3, seed=3)), torch.from_numpy(grids(3, seed=4))
    both = described_by(torch.cat([100 * first, second], 1), levels=2)
    torch.testing.assert_close(both, torch.cat([described_by(first), described_by(second)], 1))
