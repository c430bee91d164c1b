"""Untrained vectors."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

from benchmarks.quality.imagenet import ImageNet, centred
from tests.evaluation.query_galleries import units


def test_what_all_garments_share_is_taken_away() -> None:
    shared = np.zeros(8, np.float32)
    shared[0] = 5.0
    own = units(40, 8)
    found = centred([(own[:30] + shared) / 6, (own[30:] + shared) / 6])
    assert np.allclose(np.linalg.norm(found, axis=-1), 1.0, atol=1e-5)
    assert abs(found[:30].mean(0)[0]) < 0.15
    assert (found * own).sum(-1).mean() > 0.8


def test_absent_regions_stay_absent_and_do_not_count_in_the_mean() -> None:
    regions = units(20, 5, 8)
    regions[3, 1] = 0.0
    found = centred([regions])
    assert not found[3, 1].any()
    without = centred([np.delete(regions, 3, axis=0)])
    np.testing.assert_allclose(found[4, 1], without[3, 1], atol=1e-5)


def test_the_last_map_is_that_of_imagenet() -> None:
    crops = np.random.default_rng(0).integers(0, 255, (2, 224, 224, 3)).astype(np.uint8)
    network = ImageNet(1)
    found = network(crops)
    assert found.shape == (2, 192, 7, 7)
    np.testing.assert_allclose(network(crops[1:]), found[1:], atol=1e-3)
    assert np.abs(found[0] - found[1]).max() > 0.1
