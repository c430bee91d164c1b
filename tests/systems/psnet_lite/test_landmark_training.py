"""Training the landmark branch: it can be cut off and resumed, it learns, and it heeds trust."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.nn.checkpoint import load_landmarks, load_state
from seamline.nn.landmarks import LandmarkMaps
from seamline.systems.psnet_lite.landmark_training import (
    LandmarkTraining,
    gaussian,
    landmark_losses,
    make_batch,
    predict,
    rate_at,
    sampling_weights,
    train_landmarks,
)
from seamline.training.augment import plain_view
from seamline.training.crops import UNSURE, CropStore
from seamline.training.landmark_distance import mean_distance

TINY = LandmarkTraining(steps=2, small_steps=2, small_side=64, batch=2, save_every=1)


class CutOff(Exception):
    """The power went."""


def cut_off(_: object) -> None:
    raise CutOff


def test_a_training_that_was_cut_off_goes_on_to_the_same_weights(store: CropStore, tmp_path: Path) -> None:
    whole = train_landmarks(store, store, tmp_path / "whole", TINY)
    with pytest.raises(CutOff):
        train_landmarks(store, store, tmp_path / "parts", TINY, after_save=cut_off)
    assert load_state(tmp_path / "parts/resume.pt")["step"] == 1
    parts = train_landmarks(store, store, tmp_path / "parts", TINY)
    first, second = (load_state(path.with_name("resume.pt")) for path in (whole, parts))
    assert first["step"] == second["step"] == 2
    assert all(torch.equal(first["branch"][name], second["branch"][name]) for name in first["branch"])
    assert all(torch.equal(first["mean"][name], second["mean"][name]) for name in first["mean"])


def test_the_best_weights_have_the_distance_that_was_noted(store: CropStore, tmp_path: Path) -> None:
    best = train_landmarks(store, store, tmp_path, TINY)
    assert mean_distance(predict(load_landmarks(best), store), store) == pytest.approx(
        load_state(best)["distance"], rel=1e-4
    )


def test_an_unsure_landmark_and_an_untrusted_label_do_not_count(store: CropStore) -> None:
    view = plain_view(store, 0, 64)
    unsure = dataclasses.replace(view, state=np.full(len(LANDMARKS), UNSURE, np.int8))
    batch = make_batch([view, unsure], [0.0, 1.0], [1.0, 0.0], sigma=1.3)
    assert batch.weight.sum() == 0
    assert batch.sure[1].sum() == 0
    assert batch.mask_weight.tolist() == [1.0, 0.0]


def test_the_loss_is_lowest_for_the_target_itself(store: CropStore) -> None:
    views = [plain_view(store, index, 64) for index in range(2)]
    batch = make_batch(views, [1.0, 1.0], [1.0, 1.0], sigma=1.3)
    perfect = _maps(batch.target.clamp_min(1e-9).log(), batch.present, batch.mask)
    shifted = _maps(batch.target.roll(3, -1).clamp_min(1e-9).log(), 1 - batch.present, 1 - batch.mask)
    best, worse = landmark_losses(perfect, batch), landmark_losses(shifted, batch)
    assert all(best[name] < worse[name] for name in best)


def _maps(heatmaps: torch.Tensor, present: torch.Tensor, mask: torch.Tensor) -> LandmarkMaps:
    return LandmarkMaps(heatmaps.unflatten(-1, mask.shape[-2:]), 20 * mask - 10, 20 * present - 10)


def test_a_target_is_a_distribution_with_its_mean_at_the_point() -> None:
    points = torch.tensor([[[20.3, 30.8]]])
    target = gaussian(points, 56, 1.3)[0, 0].view(56, 56)
    centres = torch.arange(56) + 0.5
    assert float(target.sum()) == pytest.approx(1)
    assert float((target.sum(0) * centres).sum()) == pytest.approx(20.3, abs=0.01)
    assert float((target.sum(1) * centres).sum()) == pytest.approx(30.8, abs=0.01)


def test_untrusted_labels_are_never_drawn(store: CropStore) -> None:
    trust = store.trust.copy()
    trust[2] = 0.0
    weights = sampling_weights(dataclasses.replace(store, trust=trust), LandmarkTraining())
    assert weights[2] == 0
    assert weights.sum() == pytest.approx(1)


def test_the_rate_rises_then_falls_to_nearly_nothing() -> None:
    rates = [rate_at(step, 1000) for step in range(1000)]
    assert rates[0] < 0.02
    assert max(rates) == pytest.approx(1.0, abs=0.01)
    assert rates[-1] < 0.01
