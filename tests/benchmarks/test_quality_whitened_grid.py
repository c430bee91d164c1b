"""The untrained whitened grid."""

from __future__ import annotations

import numpy as np

from benchmarks.quality.whitened_grid import CELLS, grid, half_whitened


def test_cells_are_means_over_places_that_share_their_borders() -> None:
    maps = np.zeros((1, 2, 7, 7), np.float32)
    maps[0, 1, 2, 2] = 9.0  # in the first and second cell of both axes
    found = grid(maps).reshape(CELLS, CELLS, 2)
    assert not found[..., 0].any()
    np.testing.assert_allclose(found[:, :, 1], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_components_that_vary_much_count_less_than_in_the_plain_grid() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 6)).astype(np.float32) * (20, 1, 1, 1, 1, 1)
    found = half_whitened(rows)
    plain = (rows**2)[:, 0].sum() / (rows**2).sum()
    assert plain > 0.9
    assert found.var(0).max() / found.var(0).sum() < 0.7
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_what_is_not_of_the_gallery_does_not_decide_the_components() -> None:
    random = np.random.default_rng(0)
    gallery, others = random.normal(size=(50, 8)).astype(np.float32), 100 * np.ones((4, 8), np.float32)
    alone, beside = half_whitened(gallery), half_whitened(gallery, [others])
    np.testing.assert_allclose(np.abs(alone @ alone.T), np.abs(beside[:50] @ beside[:50].T), atol=1e-4)
    assert len(beside) == 54
    np.testing.assert_allclose(beside[50], beside[51])
