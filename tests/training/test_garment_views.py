"""The order in which garments come up."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.training.garment_views import batch_order


def test_batches_hold_so_many_photos_of_each_garment_and_follow_the_seed() -> None:
    garments = np.repeat(np.arange(10), 5)
    order = batch_order(garments, 4, 16, seed=1)
    assert len(order) == 48
    for batch in order.reshape(-1, 16):
        assert sorted(np.unique(garments[batch], return_counts=True)[1]) == [4, 4, 4, 4]
    assert np.array_equal(order, batch_order(garments, 4, 16, seed=1))
    assert not np.array_equal(order, batch_order(garments, 4, 16, seed=2))


def test_drawing_batches_leaves_other_randomness_alone() -> None:
    np.random.seed(3)
    wanted = np.random.random()
    np.random.seed(3)
    batch_order(np.repeat(np.arange(10), 5), 4, 16, seed=1)
    assert np.random.random() == wanted


@pytest.mark.parametrize(("per_garment", "batch"), [(3, 16), (4, 64), (1, 16)])
def test_batches_that_cannot_be_drawn_are_refused(per_garment: int, batch: int) -> None:
    with pytest.raises(ValueError, match="no batch of"):
        batch_order(np.repeat(np.arange(10), 5), per_garment, batch, seed=0)
