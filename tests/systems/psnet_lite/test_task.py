"""The training of retrieval in miniature, on drawn garments, from a landmark branch that has learnt nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import write_labels
from seamline.losses.part_loss import PartLossSettings
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.systems.psnet_lite.checkpoint import load_encoder, load_region_head, load_whole_head
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.projection import ProjectionSettings
from seamline.systems.psnet_lite.spec import PSNetLiteSpec
from seamline.systems.psnet_lite.task import KIND
from seamline.training.config import TrainConfig
from seamline.training.crops import CropStore
from seamline.training.errors import BadConfig
from seamline.training.generated_copies import CopyPlan
from seamline.training.part_weights import WeightSearch
from seamline.training.run import run
from seamline.training.second_photos import SecondPhotoPlan
from seamline.training.sources import Sources
from tests.support.resuming import assert_resumes

OPTIONS = RetrievalOptions(
    garments=2, views=2, copies=CopyPlan(("easy",), (None,)), repainted=2,
    start_share=0.25, second_photos=SecondPhotoPlan(photographs=1), trust=0, held_out=3, threads_for_copies=1,
    weights=WeightSearch(epochs=2), region_loss=PartLossSettings(memory=16),
    projection=ProjectionSettings(photos=3, trust=0),
)  # fmt: skip
LOOP = dataclasses.replace(KIND.loop, steps=2, warm_up=0)


@pytest.fixture(scope="module")
def folder(store: CropStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels and a landmark branch."""
    folder = tmp_path_factory.mktemp("retrieval")
    write_labels(folder / "labels.jsonl", store.labels)
    write_labels(folder / "labels_validation.jsonl", store.labels[:2])
    torch.manual_seed(0)
    branch = LandmarkBranch(LandmarkConfig(len(LANDMARKS)))
    torch.nn.init.constant_(branch.presence.bias, 3.0)  # so that regions are visible
    save(branch, folder / "landmarks.pt")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> Path:
    """The folder of a training that goes on to the same weights when it is cut off."""
    sources = Sources(folder, folder, folder / "work")
    options = dataclasses.replace(OPTIONS, landmarks=str(folder / "landmarks.pt"))
    return assert_resumes(lambda: KIND.build(sources, options, 0), LOOP, folder / "out")


def test_training_leaves_three_checkpoints_and_a_calibrated_spec(trained: Path) -> None:
    spec = PSNetLiteSpec.load(trained / "spec.json")
    assert spec.system == "psnet_lite"
    assert load_encoder(trained / "encoder.pt").config.channels == spec.encoder.channels
    assert load_region_head(trained / "region_head.pt").config.dimension == spec.encoder.dimension
    assert load_whole_head(trained / "whole_head.pt").config.parts == len(spec.parts.whole) == 2
    assert len(spec.scoring.kept_above) == len(spec.parts) == 7
    assert min(spec.scoring.region_odds[0], spec.scoring.whole_odds[0]) > 0
    assert min(spec.scoring.znorm_std) > 0
    slope, offset = spec.scoring.whole_odds
    even = min(max(-offset / slope, 0.0), 1.0)
    assert [spec.scoring.kept_above[place] for place in spec.parts.whole] == pytest.approx([even] * 2, abs=1e-3)


def test_the_landmark_branch_is_the_one_that_was_given(folder: Path, trained: Path) -> None:
    given = torch.load(folder / "landmarks.pt", weights_only=True)["weights"]
    now = load_encoder(trained / "encoder.pt").landmarks.state_dict()
    assert all(torch.equal(now[name], tensor) for name, tensor in given.items())


def test_the_start_is_assembled_once_and_again_for_other_landmarks(folder: Path, trained: Path, tmp_path: Path) -> None:
    encoder = folder / "work" / "start" / "encoder.pt"
    before = encoder.stat().st_mtime_ns
    sources = Sources(folder, folder, folder / "work")
    KIND.build(sources, dataclasses.replace(OPTIONS, landmarks=str(folder / "landmarks.pt")), 0)
    assert encoder.stat().st_mtime_ns == before
    from_encoder = KIND.build(sources, dataclasses.replace(OPTIONS, start=str(encoder.parent)), 0)
    save(LandmarkBranch(LandmarkConfig(len(LANDMARKS))), tmp_path / "landmarks.pt")
    KIND.build(sources, dataclasses.replace(OPTIONS, landmarks=str(tmp_path / "landmarks.pt")), 0)
    assert encoder.stat().st_mtime_ns > before
    assert from_encoder.network.branch.stride == 8


@pytest.mark.parametrize(("options", "message"), [
    ({"start": "nowhere"}, "psnet_lite.start: there is no nowhere/encoder.pt"),
    ({}, "in psnet_lite.landmarks a landmarks.pt"),
    ({"landmarks": "nowhere.pt"}, "psnet_lite.landmarks: there is no nowhere.pt"),
    ({"landmarks": "a.pt", "start": "a"}, "give one of them"),
])  # fmt: skip
def test_a_start_that_is_not_there_is_refused_before_photos_are_read(
    tmp_path: Path, options: dict[str, str], message: str
) -> None:
    config = TrainConfig("psnet_lite", tmp_path, tmp_path / "out", loop=LOOP, options=RetrievalOptions(**options))
    with pytest.raises(BadConfig, match=message):
        run(config)
    assert not (tmp_path / "out").exists()
