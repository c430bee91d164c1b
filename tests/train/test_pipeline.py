"""The whole training of the encoder in miniature, on drawn garments."""

from __future__ import annotations

from pathlib import Path

import pytest

from seamline.data.label_file import write_labels
from seamline.net.checkpoint import load_encoder, load_region_head
from seamline.spec import Spec
from seamline.train.crops import CropStore
from seamline.train.landmarks import LandmarkTraining
from seamline.train.pipeline import EncoderPlan, EncoderTraining

LANDMARKS = LandmarkTraining(steps=1, small_steps=1, small_side=64, batch=2, save_every=1)
PLAN = EncoderPlan(LANDMARKS, drawn=0, map_photos=3, head_photos=3, calibration_photos=2, more_originals=1)


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
