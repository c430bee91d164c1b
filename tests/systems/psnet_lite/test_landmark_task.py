"""Training the landmark branch: it can be cut off and resumed, it keeps its best weights, and it heeds trust."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.data.flat_points import SET_BY_EYE
from seamline.data.label_file import write_labels
from seamline.nn.landmarks import LandmarkConfig, LandmarkMaps
from seamline.serving.weights import newest
from seamline.systems.psnet_lite.absent_points import doubted_share, wrongly_judged
from seamline.systems.psnet_lite.checkpoint import load_landmarks
from seamline.systems.psnet_lite.landmark_batch import gaussian, landmark_losses, make_batch
from seamline.systems.psnet_lite.landmark_options import LandmarkOptions, LandmarkViews, PeopleViews
from seamline.systems.psnet_lite.landmark_start import check, start_branch
from seamline.systems.psnet_lite.landmark_task import KIND, LandmarkTask, predict
from seamline.systems.psnet_lite.landmark_views import sampling_weights
from seamline.systems.psnet_lite.worn import people
from seamline.systems.psnet_lite.worn_labels import DEVELOPMENT
from seamline.training.augment import plain_view
from seamline.training.crops import ABSENT, OCCLUDED, PLACED, PRESENT, UNSURE, CropStore
from seamline.training.errors import BadConfig
from seamline.training.history import ROWS, read_rows
from seamline.training.measure import mean_distance
from seamline.training.sources import Sources
from tests.support.resuming import assert_resumes
from tests.systems.psnet_lite.people_folder import people_folder

REPOSITORY = Path(__file__).parents[3] / "model_repository"

TINY = LandmarkOptions(small_steps=2, small_side=64, batch=2, imagenet=False)
SETTINGS = dataclasses.replace(KIND.loop, steps=3, warm_up=1, evaluate_every=1)


@pytest.fixture(scope="module")
def trained(store: CropStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that goes on to the same weights when it is cut off."""
    return assert_resumes(lambda: LandmarkTask(store, store, TINY), SETTINGS, tmp_path_factory.mktemp("landmarks"))


def test_the_weights_are_those_of_the_evaluation_with_the_lowest_distance(store: CropStore, trained: Path) -> None:
    distances = [row["figures"]["distance"] for row in read_rows(trained / ROWS) if "figures" in row]
    assert len(distances) == 3
    network = load_landmarks(trained / "landmarks.pt")
    assert mean_distance(predict(network, store), store) == pytest.approx(min(distances), rel=1e-4)


def test_it_is_built_from_label_files_and_drawn_garments(store: CropStore, tmp_path: Path) -> None:
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(tmp_path / name, store.labels[:2])
    task = KIND.build(Sources(tmp_path, tmp_path, tmp_path / "work"), dataclasses.replace(TINY, drawn=1), 0)
    assert task.batch(0).pixels.shape == (2, 64, 64, 3)
    assert task.batch(2).pixels.shape == (2, 224, 224, 3)
    assert torch.equal(task.batch(1).pixels, task.batch(1).pixels)


def test_people_bring_hidden_points_and_the_networks_own_labels_and_are_resumed(
    store: CropStore, tmp_path: Path
) -> None:
    crowd = people(people_folder(tmp_path / "photos", 2 * DEVELOPMENT), tmp_path / "work")
    shares = PeopleViews(marked=0.5, street=0.25, dressed=0.5, covered=0.5)
    options = dataclasses.replace(TINY, batch=4, people=shares, epoch_steps=2, self_labels_from=1)
    loop = dataclasses.replace(SETTINGS, evaluate_every=0)
    out = assert_resumes(lambda: LandmarkTask(store, store, options, 0, crowd), loop, tmp_path / "out", at=2)
    figures = [row["figures"] for row in read_rows(out / ROWS) if "figures" in row]
    assert set(figures[-1]) == {"error", "distance", "flat distance", "worn distance", "doubted", "seen doubted"}
    batch = LandmarkTask(store, store, options, 0, crowd).batch(2)
    assert {0.0, 1.0} < {round(value, 2) for value in batch.present.flatten().tolist()}


def test_the_share_of_doubted_points_is_of_absent_ones_that_some_garment_has(store: CropStore) -> None:
    state = np.full(store.state.shape, ABSENT, np.int8)
    state[0, :4] = PRESENT
    points = np.zeros((*state.shape, 3), np.float32)
    points[1, :2, 2] = 0.9
    assert doubted_share(points, dataclasses.replace(store, state=state)) == pytest.approx(
        1 - 2 / (4 * (len(store) - 1))
    )


def test_doubting_seen_points_is_worse_than_believing_absent_ones(store: CropStore) -> None:
    state = np.full(store.state.shape, PRESENT, np.int8)
    state[1] = ABSENT
    judged = dataclasses.replace(store, state=state)
    right = np.where(state == PRESENT, 1.0, 0.0)[..., None].repeat(3, -1).astype(np.float32)
    assert wrongly_judged(right, judged) == 0
    assert wrongly_judged(np.ones_like(right), judged) == 1
    assert wrongly_judged(np.zeros_like(right), judged) == 3


def test_a_served_encoder_is_gone_on_from_as_it_is_and_its_foreground_is_what_is_learnt(store: CropStore) -> None:
    start = str(newest(REPOSITORY, "encoder") / "model.onnx")
    task = LandmarkTask(store, store, dataclasses.replace(TINY, start=start, keep_foreground=True))
    task.network.train()
    batch = task.batch(0)
    pixels = torch.zeros(2, 3, 64, 64)
    with torch.no_grad():
        for found, expected in zip(task.network(pixels), start_branch(start)(pixels), strict=True):
            torch.testing.assert_close(found, expected)
        kept = task.loss(batch)["foreground"]
        assert task.loss(dataclasses.replace(batch, mask=1 - batch.mask))["foreground"] == kept
        task.network.maps.bias[-1] += 1
        assert task.loss(batch)["foreground"] > kept


def test_the_networks_own_labels_leave_what_the_kind_of_garment_tells(store: CropStore, tmp_path: Path) -> None:
    crowd = people(people_folder(tmp_path / "photos", 2 * DEVELOPMENT), tmp_path / "work")
    start = str(newest(REPOSITORY, "encoder") / "model.onnx")
    options = dataclasses.replace(TINY, start=start, epoch_steps=2, self_labels_from=0)
    task = LandmarkTask(store, store, options, 0, crowd)
    task.begin_epoch(0)
    state = task.state()["state"].numpy()
    known = crowd.street.garments.state == ABSENT
    assert known.any()
    assert (state[known] == ABSENT).all()


def test_training_goes_on_from_a_file_of_either_kind_and_refuses_an_absent_one(trained: Path) -> None:
    for start in (str(trained), str(newest(REPOSITORY, "encoder") / "model.onnx")):
        check(dataclasses.replace(TINY, start=start))
        assert start_branch(start).config == LandmarkConfig(len(LANDMARKS))
    with pytest.raises(BadConfig, match=r"psnet_lite_landmarks\.start: there is no .*absent"):
        check(dataclasses.replace(TINY, start="absent.onnx"))
    for name in ("further_labels", "flat_labels"):
        with pytest.raises(BadConfig, match=rf"{name}: there is no absent\.jsonl; name a file"):
            check(dataclasses.replace(TINY, **{name: "absent.jsonl"}))
    with pytest.raises(BadConfig, match="keep_foreground: name a start"):
        check(dataclasses.replace(TINY, keep_foreground=True))


def test_a_hidden_point_counts_half_and_is_half_sure(store: CropStore) -> None:
    plain = plain_view(store, 0, 64)
    hidden = dataclasses.replace(plain, state=np.full(len(LANDMARKS), OCCLUDED, np.int8))
    batch = make_batch([hidden], [1.0], [1.0], 1.3, occluded=0.6)
    assert (float(batch.weight.mean()), float(batch.sure.mean())) == (0.5, 1.0)
    assert float(batch.present.mean()) == pytest.approx(0.6)


def test_a_point_that_the_network_placed_itself_teaches_its_place_alone(store: CropStore) -> None:
    placed = dataclasses.replace(plain_view(store, 0, 64), state=np.full(len(LANDMARKS), PLACED, np.int8))
    batch = make_batch([placed], [0.5], [1.0], 1.3)
    assert (float(batch.weight.mean()), float(batch.sure.mean())) == (0.5, 0.0)


def test_photos_of_pairs_are_neither_learnt_from_nor_judged_by(store: CropStore, tmp_path: Path) -> None:
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(tmp_path / name, store.labels[:3])
    pairs = {"same_item": [{"photos": [store.labels[0].photo], "back": []}], "other_colour": [[store.labels[1].photo]]}
    (tmp_path / "pairs.json").write_text(json.dumps(pairs))
    task = KIND.build(Sources(tmp_path, tmp_path, tmp_path / "work"), dataclasses.replace(TINY, drawn=0), 0)
    for part in ("train", "validation"):
        assert len(np.load(tmp_path / "work" / f"landmarks-{part}" / "masks.npy")) == 1
    assert task.batch(0).pixels.shape == (2, 64, 64, 3)


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
    weights = sampling_weights(dataclasses.replace(store, trust=trust), LandmarkViews())
    assert weights[2] == 0
    assert weights.sum() == pytest.approx(1)


def test_garments_whose_points_were_set_by_eye_come_up_more_often(store: CropStore) -> None:
    photos = [dataclasses.replace(label, source="silhouette") for label in store.labels]
    by_eye = dataclasses.replace(photos[0], source=SET_BY_EYE)
    usual, chosen = (
        sampling_weights(dataclasses.replace(store, labels=(first, *photos[1:])), LandmarkViews())
        for first in (photos[0], by_eye)
    )
    assert chosen[0] == pytest.approx(LandmarkViews.by_eye_share)
    assert chosen[1:] / chosen[1:].sum() == pytest.approx(usual[1:] / usual[1:].sum())
