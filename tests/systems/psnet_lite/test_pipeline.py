"""The whole training of the encoder in miniature, on drawn garments."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from seamline.core.spec import Spec
from seamline.data.label_file import write_labels
from seamline.losses.region_loss import RegionLossSettings
from seamline.nn.checkpoint import load_encoder, load_region_head
from seamline.systems.psnet_lite.landmark_training import LandmarkTraining
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.pipeline import EncoderPlan, EncoderTraining
from seamline.training.config import TrainConfig
from seamline.training.crops import CropStore
from seamline.training.errors import BadConfig
from seamline.training.run import run
from seamline.training.view_store import CopyPlan
from seamline.training.weights import WeightSearch

LANDMARKS = LandmarkTraining(steps=1, small_steps=1, small_side=64, batch=2, save_every=1)
RETRIEVAL = RetrievalOptions(
    garments=2, views=2, copies=CopyPlan(("easy",), (None,)), repainted=2, trust=0, held_out=3, threads_for_copies=1,
    weights=WeightSearch(epochs=2), region_loss=RegionLossSettings(memory=16),
)  # fmt: skip
LOOP = dataclasses.replace(EncoderPlan.loop, steps=2, precision="fp32")
PLAN = EncoderPlan(LANDMARKS, retrieval=RETRIEVAL, loop=LOOP, drawn=0, map_photos=3, map_trust=0, develop_trust=0)


@pytest.fixture(scope="module")
def trained(store: CropStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    write_labels(folder / "labels.jsonl", store.labels)
    write_labels(folder / "labels_develop.jsonl", store.labels[:2])
    EncoderTraining(folder, folder, folder / "out", PLAN).run()
    return folder / "out"


def test_training_leaves_two_checkpoints_and_a_calibrated_spec(trained: Path) -> None:
    spec = Spec.load(trained / "spec.json")
    assert load_encoder(trained / "encoder.pt").config.channels == spec.encoder.channels
    assert load_region_head(trained / "region_head.pt").config.dimension == spec.encoder.dimension
    assert len(spec.scoring.region_kept_above) == 5
    assert min(spec.scoring.background_std) > 0


def test_running_it_again_trains_nothing_and_gives_the_same(trained: Path) -> None:
    before = {name: (trained / name).read_bytes() for name in ("spec.json", "work/landmarks/best.pt")}
    EncoderTraining(trained.parent, trained.parent, trained, PLAN).run()
    assert {name: (trained / name).read_bytes() for name in before} == before


def test_a_start_that_is_not_there_is_refused_before_photos_are_read(tmp_path: Path) -> None:
    config = TrainConfig("retrieval", tmp_path, tmp_path / "out", loop=LOOP, options=RetrievalOptions(start="nowhere"))
    with pytest.raises(BadConfig, match="nowhere"):
        run(config)
    assert not (tmp_path / "out").exists()
