"""The garments that the head of the whole is fitted to."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import Label, write_labels
from seamline.nn.landmarks import LandmarkConfig
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.region_head import RegionHeadConfig
from seamline.systems.psnet_lite.whole_garments import PEOPLE_SHARE, WholeGarments, _flat_labels, whole_garments
from seamline.training.crops import CropStore
from seamline.training.sources import Sources
from tests.systems.psnet_lite.people_folder import people_folder

OPTIONS = RetrievalOptions(trust=0, held_out=3)


@pytest.fixture
def labels(store: CropStore) -> tuple[Label, ...]:
    """Labels of six drawn garments whose boxes are trusted."""
    return tuple(dataclasses.replace(label, box_trust=1.0) for label in store.labels)


def sources_of(labels: tuple[Label, ...], folder: Path, photos: Path | None = None) -> Sources:
    write_labels(folder / "labels.jsonl", labels)
    return Sources(photos or folder, folder, folder / "work")


def test_garments_that_calibrate_or_measure_are_left_out(labels: tuple[Label, ...], tmp_path: Path) -> None:
    (tmp_path / "pairs.json").write_text(json.dumps({"same": [[labels[0].photo, labels[3].photo]]}))
    chosen = _flat_labels(sources_of(labels, tmp_path), OPTIONS)
    assert [label.photo for label in chosen] == [labels[place].photo for place in (1, 4)]


def test_a_box_counts_without_points_that_can_be_trusted(labels: tuple[Label, ...], tmp_path: Path) -> None:
    some = (dataclasses.replace(labels[0], box_trust=0.4), dataclasses.replace(labels[1], trust=0.0), *labels[2:])
    chosen = _flat_labels(sources_of(some, tmp_path), dataclasses.replace(OPTIONS, trust=0.5))
    assert labels[0].photo not in {label.photo for label in chosen}
    assert labels[1].photo in {label.photo for label in chosen}


def test_people_have_their_share_and_not_more(labels: tuple[Label, ...], tmp_path: Path) -> None:
    torch.manual_seed(0)
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS)))).eval()
    photos = people_folder(tmp_path / "photos", 3)
    found = whole_garments(sources_of(labels, tmp_path, photos), encoder, OPTIONS)
    assert found.flat.garments == 4
    assert found.people is not None
    config = RegionHeadConfig(encoder.config.channels)
    grids = found.grids(encoder.retrieval, config, encoder.whole)
    assert len(grids) == 4 + round(4 * PEOPLE_SHARE / (1 - PEOPLE_SHARE))
    photos_of_one = [dataclasses.replace(labels[0], photo=f"street/images/000{number}.jpg") for number in (1, 2)]
    without = whole_garments(sources_of(labels, tmp_path, photos), encoder, OPTIONS, photos_of_one)
    assert without.people is not None
    assert without.people.garments == 2  # of two worn garments one calibrates
    flat_alone = WholeGarments(found.flat, None).grids(encoder.retrieval, config, encoder.whole)
    assert np.array_equal(grids[:4], flat_alone)
