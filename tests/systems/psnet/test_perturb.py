"""Perturbed copies: what is kept stays, what is redesigned changes."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.systems.psnet.perturb import Perturbation, perturbed, redesigned
from seamline.systems.psnet.spec import REGIONS
from seamline.training.augment import plain_view
from seamline.training.crops import CropStore
from seamline.training.views import CHANGED, KEPT


@pytest.mark.parametrize("kind", [Perturbation(), Perturbation(mirror=True)])
def test_without_redesign_every_region_is_kept(store: CropStore, kind: Perturbation) -> None:
    copy = perturbed(store, 0, kind, np.random.default_rng(0))
    assert copy.change.tolist() == [KEPT] * len(REGIONS)
    assert copy.mirrored == kind.mirror


def test_a_redesigned_region_changes_and_the_rest_of_the_garment_does_not(store: CropStore) -> None:
    view = plain_view(store, 0, 224)
    pixels, change = redesigned(view, store.labels[0].category, 1, np.random.default_rng(2))
    moved = np.abs(pixels.astype(int) - view.pixels).max(-1) > 2
    assert (change == CHANGED).sum() >= 1
    assert moved.any()
    assert moved[view.mask == 0].mean() < 0.05
    assert moved.mean() < 0.5


def test_the_background_is_replaced_and_the_garment_is_not(store: CropStore) -> None:
    random = np.random.default_rng(1)
    plain = perturbed(store, 0, Perturbation(background=False), random).pixels.astype(int)
    other = perturbed(store, 0, Perturbation(), np.random.default_rng(1)).pixels.astype(int)
    mask = plain_view(store, 0, 224).mask
    difference = np.abs(plain - other).mean(-1)
    assert difference[mask == 0].mean() > 2 * difference[mask == 255].mean()


def test_the_same_generator_gives_the_same_copy(store: CropStore) -> None:
    first, second = (perturbed(store, 1, Perturbation(2, True), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.change, second.change)
