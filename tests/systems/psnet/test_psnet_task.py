"""PS-Net's training in miniature, on drawn garments."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.data.label_file import write_labels
from seamline.losses.part_loss import PartLossSettings
from seamline.nn.checkpoint import load_state, save
from seamline.nn.landmarks import LandmarkConfig
from seamline.systems.psnet.batch import BatchSampler
from seamline.systems.psnet.config import PSNetConfig
from seamline.systems.psnet.network import load_psnet
from seamline.systems.psnet.options import PSNetOptions
from seamline.systems.psnet.perturbed_views import PerturbedViews
from seamline.systems.psnet.spec import MIRRORED, PSNetSpec
from seamline.systems.psnet.task import KIND, PSNetData, PSNetTask
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.training.augment import view_of
from seamline.training.crops import UNSURE, CropStore
from seamline.training.errors import BadConfig
from seamline.training.garment_views import CopiedViews, GarmentSampler
from seamline.training.history import ROWS, read_rows
from seamline.training.loop import train
from seamline.training.measure import Encoded, retrieval_figures, weight_triplets
from seamline.training.part_weights import WeightSearch
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.views import CHANGED, KEPT, UNCLEAR, Views, ViewStore
from tests.support.resuming import assert_resumes

OPTIONS = PSNetOptions(
    PSNetConfig(heatmap_side=56, width=16, dimension=8), backbone_weights="random", batch=4, views=2,
    validation_garments=3, validation_copies=2, weight_garments=3, weights=WeightSearch(epochs=2),
)  # fmt: skip
SETTINGS = LoopSettings(steps=2, precision="fp32", device="cpu", groups={})


@pytest.fixture(scope="module")
def data(store: CropStore) -> PSNetData:
    views = PerturbedViews(store, 0.85)
    return PSNetData(views, views, store, dataclasses.replace(store, labels=store.labels[:2]))


def garment_sampler(store: CropStore) -> GarmentSampler:
    return GarmentSampler(PerturbedViews(store, 0.85), 4, 2, 0)


def sampler(store: CropStore, landmark_views: int = 0) -> BatchSampler:
    return BatchSampler(garment_sampler(store), store, landmark_views)


def fixed_boxes(landmarks: torch.Tensor, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
    """Two steps do not teach where landmarks are: regions that vectors can be taken from, whatever was found."""
    boxes = torch.tensor(
        [[60, 20, 160, 60], [60, 60, 160, 120], [60, 120, 160, 200], [0, 40, 60, 140], [160, 40, 220, 140]]
    )
    return boxes.float().expand(len(landmarks), -1, -1), torch.ones(len(landmarks), 5)


@pytest.fixture(scope="module")
def trained(data: PSNetData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that goes on to the same weights when it is cut off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seamline.systems.psnet.measure.region_boxes_of", fixed_boxes)
        return assert_resumes(lambda: PSNetTask(data, OPTIONS), SETTINGS, tmp_path_factory.mktemp("psnet"))


def test_the_evaluation_finds_copies_and_landmarks(trained: Path) -> None:
    (figures,) = (row["figures"] for row in read_rows(trained / ROWS) if "figures" in row)
    assert figures.keys() == {"landmark distance", "mAP", "first", "part AUC"}
    assert 0 < figures["mAP"] <= 1


def test_the_result_is_a_network_and_a_spec_that_fit_each_other(trained: Path) -> None:
    spec = PSNetSpec.load(trained / "spec.json")
    network = load_psnet(trained / "psnet.pt")
    assert network.config == OPTIONS.network
    assert spec.encoder.dimension == spec.encoder.channels == 8
    assert sum(spec.scoring.part_weights["default"]) == pytest.approx(1, abs=1e-3)
    assert spec.scoring.znorm_std != (1.0,) * 5


def test_the_memory_of_a_loss_survives_a_cut_off(data: PSNetData, tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, loss="supcon", region_loss=PartLossSettings(memory=16))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seamline.systems.psnet.measure.region_boxes_of", fixed_boxes)
        assert_resumes(lambda: PSNetTask(data, options), SETTINGS, tmp_path)


def test_both_branches_learn(data: PSNetData, trained: Path) -> None:
    before = PSNetTask(data, OPTIONS).network.psnet.state_dict()
    after = load_state(trained / "psnet.pt")["weights"]
    for name in ("landmark_decoder.maps.weight", "landmark_map.layers.0.weight", "head.linear.weight"):
        assert not torch.equal(before[name], after[name]), name


def test_a_landmark_branch_that_has_stopped_keeps_its_statistics(data: PSNetData, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, groups={"landmarks": GroupSettings(rate=0.0)})
    before = PSNetTask(data, OPTIONS).network.psnet.state_dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seamline.systems.psnet.measure.region_boxes_of", fixed_boxes)
        train(PSNetTask(data, OPTIONS), settings, tmp_path)
    after = load_state(tmp_path / "psnet.pt")["weights"]
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed
    assert not {name for name in changed if name.startswith("landmark_")}


@pytest.mark.parametrize("file", ["encoder.pt", "landmarks.pt"])
def test_a_borrowed_landmark_backbone_stays_as_it_was_trained(data: PSNetData, tmp_path: Path, file: str) -> None:
    torch.manual_seed(3)
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS))))
    save(encoder if file == "encoder.pt" else encoder.landmarks, tmp_path / file)
    options = dataclasses.replace(OPTIONS, landmark_backbone=str(tmp_path / file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seamline.systems.psnet.measure.region_boxes_of", fixed_boxes)
        train(PSNetTask(data, options), SETTINGS, tmp_path)
    backbone = load_psnet(tmp_path / "psnet.pt").landmark_backbone.network
    for own, lent in zip(
        backbone.state_dict().values(), encoder.landmarks.backbone.state_dict().values(), strict=False
    ):
        assert torch.equal(own, lent)


@pytest.mark.parametrize("name", ["start", "landmark_backbone"])
def test_a_missing_file_to_start_from_is_named_before_anything_is_made(name: str) -> None:
    with pytest.raises(BadConfig, match=rf"psnet.{name}: there is no nowhere.pt"):
        KIND.check(PSNetOptions(**{name: "nowhere.pt"}))


def test_a_file_that_is_no_encoder_lends_no_backbone(data: PSNetData, trained: Path) -> None:
    options = dataclasses.replace(OPTIONS, landmark_backbone=str(trained / "psnet.pt"))
    with pytest.raises(BadConfig, match=r"psnet.pt is no landmarks.pt or encoder.pt"):
        PSNetTask(data, options)


def test_a_shared_backbone_cannot_be_borrowed() -> None:
    with pytest.raises(ValueError, match="shared_backbone must be false"):
        PSNetOptions(PSNetConfig(shared_backbone=True), landmark_backbone="encoder.pt")


def test_the_same_step_gives_the_same_batch_and_others_another(store: CropStore) -> None:
    first, again, other = sampler(store)(3), sampler(store)(3), sampler(store)(4)
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(first.change, again.change)
    assert not torch.equal(first.pixels, other.pixels)


def test_the_garments_of_a_step_are_different_ones_and_all_have_their_turn(store: CropStore) -> None:
    made = garment_sampler(store)
    assert made.steps_per_epoch == len(store) * 2 // 4
    steps = [made.chosen(step) for step in range(10 * made.steps_per_epoch)]
    assert all(len(set(garments)) == 2 for garments in steps)
    assert {garment for garments in steps for garment in garments} == set(range(len(store)))
    assert made.chosen(4) == steps[4]


def test_crops_that_teach_landmarks_only_have_unclear_regions(store: CropStore) -> None:
    batch = sampler(store, landmark_views=3)(0)
    assert len(batch.pixels) == 7
    assert (batch.change[4:] == UNCLEAR).all()
    assert (batch.change[:4:2] == KEPT).all()
    assert batch.labelled.all()


def test_landmarks_of_copies_follow_the_garment(store: CropStore) -> None:
    views = PerturbedViews(store, 0.85)
    drawn = [view for seed in range(8) for view in views.draw(0, 2, np.random.default_rng(seed))]
    mirrored = next(view for view in drawn if view.mirrored)
    left, right = LANDMARKS.index("shoulder_left"), LANDMARKS.index("shoulder_right")
    assert mirrored.points[left, 0] < mirrored.points[right, 0]
    expected = view_of(store, 0, 224, flip=True).points
    present = mirrored.points[:, 2] > 0
    assert np.abs(mirrored.points[present, :2] - expected[present]).mean() < 20
    assert set(np.unique(mirrored.known)) <= {0.0, 1.0}


def test_unsure_landmarks_are_not_learnt(store: CropStore) -> None:
    unsure = dataclasses.replace(store, state=np.full_like(store.state, UNSURE))
    for view in PerturbedViews(unsure, 0.85).draw(1, 3, np.random.default_rng(0)):
        assert not view.known.any()


def copies() -> ViewStore:
    """Two garments with two copies each; a view's pixels are its number."""
    pixels = np.broadcast_to(np.arange(6, dtype=np.uint8)[:, None, None, None], (6, 224, 224, 3))
    change = np.full((6, 5), KEPT, np.int8)
    change[[1, 4], 2] = CHANGED
    garment, copy = np.repeat([0, 1], 3), np.tile([-1, 0, 1], 2)
    return ViewStore(pixels, garment, copy, change, np.array([0, 0, 1, 0, 0, 1], bool), np.zeros(6, np.int64))


def test_views_of_generated_copies_begin_with_the_original_and_do_not_repeat() -> None:
    views = CopiedViews(copies())
    assert len(views) == 2
    drawn = [int(view.pixels[0, 0, 0]) for view in views.draw(1, 3, np.random.default_rng(0))]
    assert drawn[0] == 3
    assert sorted(drawn) == [3, 4, 5]
    again = views.draw(0, 5, np.random.default_rng(0))
    assert sorted(int(view.pixels[0, 0, 0]) for view in again) == [0, 1, 1, 2, 2]


def test_views_without_landmarks_take_their_boxes_from_the_network(store: CropStore) -> None:
    views = CopiedViews(copies())
    data = PSNetData(views, views, store, store)
    task = PSNetTask(data, dataclasses.replace(OPTIONS, landmark_views=1))
    batch = task.batch(0)
    assert batch.labelled.tolist() == [False] * 4 + [True]
    losses = task.loss(batch)
    assert losses["landmarks"] > 0
    assert torch.isfinite(losses["loss"])


def encoded(vectors: np.ndarray) -> Encoded:
    """One original and one copy of each of three garments; the last copy is mirrored and has another waist."""
    change = np.full((6, 5), KEPT, np.int8)
    change[5, 2] = CHANGED
    views = Views(
        np.ones((6, 5), np.float32), np.tile(np.arange(3), 2),
        np.repeat([-1, 0], 3), change, np.arange(6) == 5,
    )  # fmt: skip
    return Encoded(vectors, views, np.array(["skirt"] * 6), MIRRORED)


def test_figures_of_perfect_vectors_are_perfect() -> None:
    random = np.random.default_rng(0)
    originals = random.normal(size=(3, 5, 16))
    copies = originals.copy()
    copies[2] = copies[2][list(MIRRORED)]
    copies[2, 2] = random.normal(size=16)
    vectors = np.concatenate([originals, copies]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    assert retrieval_figures(encoded(vectors)) == {"mAP": 1.0, "first": 1.0, "part AUC": 1.0}
    triplets = weight_triplets(encoded(vectors))
    assert np.abs(triplets.positive[:2]).max() < 1e-5
    assert triplets.negative.min() > 0.1


def test_a_garment_without_regions_is_never_found() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 5, 4)).astype(np.float32)
    vectors[3] = 0
    figures = retrieval_figures(encoded(vectors))
    assert np.isfinite(figures["mAP"])
    assert figures["first"] < 1


@pytest.mark.parametrize(("change", "why"), [
    ({"batch": 6, "views": 4}, "multiple of views"),
    ({"views": 1}, "views must be at least 2"),
    ({"loss": "luck"}, "triplet, supcon"),
    ({"network": PSNetConfig(landmarks=3)}, "network.landmarks must be 22"),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        dataclasses.replace(OPTIONS, **change)


def test_too_few_trusted_garments_are_refused(store: CropStore, tmp_path: Path) -> None:
    for name in ("labels.jsonl", "labels_validation.jsonl"):
        write_labels(tmp_path / name, store.labels)
    sources = Sources(tmp_path, tmp_path, tmp_path / "work")
    with pytest.raises(BadConfig, match="6 garments to train with can be trusted; 8 are needed"):
        KIND.build(sources, dataclasses.replace(OPTIONS, batch=16), 0)
