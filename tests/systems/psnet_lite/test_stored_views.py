"""Views that training reads are what serving would compute of the same crops."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from seamline.core.spec import CATEGORIES, LANDMARKS
from seamline.nn.landmarks import LandmarkConfig
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes, roi_align
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.heads import Heads
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.part_head import PartHead
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.repainted import build_repainted_store
from seamline.systems.psnet_lite.shallow_features import shallow_features
from seamline.systems.psnet_lite.stored_views import StoredViews, statistics_of
from seamline.systems.psnet_lite.views import CalibratingViews
from seamline.systems.psnet_lite.whole_head import SERVED, WholeHead
from seamline.training.crops import CropStore
from seamline.training.generated_copies import CopyPlan, build_view_store
from seamline.training.second_photos import SecondPhotoPlan
from seamline.training.views import ViewStore

SPEC = DEFAULT_SPEC


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS)))).eval()
    torch.nn.init.constant_(encoder.landmarks.presence.bias, 3.0)  # so that regions are visible
    return encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="module")
def copies(store: CropStore, folder: Path) -> ViewStore:
    plan = CopyPlan(("easy", "easy"), (0, 1))
    return build_view_store(store.labels[:3], folder, folder, folder / "copies", plan, processes=1)


@pytest.fixture(scope="module")
def repainted(store: CropStore, folder: Path) -> ViewStore:
    return build_repainted_store(store, [0, 1, 2], 2, folder / "repainted", seed=1)


@pytest.fixture(scope="module")
def stored(encoder: Encoder, copies: ViewStore, repainted: ViewStore, folder: Path) -> StoredViews:
    stores = [(copies, folder / "shallow-copies"), (repainted, folder / "shallow-repainted")]
    return StoredViews.of([(views, shallow_features(encoder, views, SPEC, place)) for views, place in stores])


def test_originals_come_first_and_copies_of_all_stores_follow(stored: StoredViews) -> None:
    assert stored.garments == 3
    assert stored.garment[:3].tolist() == [0, 1, 2]
    assert stored.copy[:3].tolist() == [-1, -1, -1]
    assert (stored.copy[3:] >= 0).all()
    own = np.sort(stored.copy[stored.garment == 1])
    assert own.tolist() == [-1, 0, 1, 2, 3]


def test_copies_that_a_store_lacks_keep_their_numbers(
    encoder: Encoder, copies: ViewStore, repainted: ViewStore, folder: Path
) -> None:
    features = [
        shallow_features(encoder, store, SPEC, folder / name)
        for store, name in ((copies, "shallow-copies"), (repainted, "shallow-repainted"))
    ]
    views = StoredViews.of(list(zip((copies, repainted), features, strict=True)), planned=(5, 2))
    assert np.unique(views.copy).tolist() == [-1, 0, 1, 5, 6]


def test_a_choice_of_garments_is_numbered_anew(stored: StoredViews) -> None:
    chosen = stored.only(np.array([True, False, True]))
    assert np.unique(chosen.garment).tolist() == [0, 1]
    np.testing.assert_array_equal(chosen.change[chosen.garment == 1], stored.change[stored.garment == 2])
    assert (stored.with_copies(()).copy == -1).all()
    assert np.unique(stored.with_copies((1, 3)).copy).tolist() == [-1, 1, 3]


def test_garments_beside_others_are_numbered_on(encoder: Encoder, stored: StoredViews) -> None:
    both = stored.beside(stored.only(np.array([False, True, True])).with_copies((0,)))
    assert both.garments == 5
    assert (both.copy[:5] == -1).all()
    assert both.garment[:5].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(both.change[both.garment == 0], stored.change[stored.garment == 0])
    config = RegionHeadConfig()
    grid = statistics_of(encoder.retrieval, both, config).grid
    alone = statistics_of(encoder.retrieval, stored, config).grid
    np.testing.assert_allclose(grid[3], alone[1], rtol=1e-3, atol=1e-4)


def test_copies_for_the_probability_alone_are_those_of_flat_garments(stored: StoredViews) -> None:
    second, none = SecondPhotoPlan(photographs=1, dyed=0, worn=2), CopyPlan((), ())
    options = RetrievalOptions(copies=none, second_photos=second, worn=CopyPlan(("worn",) * 3, (None,) * 3))
    calibrating = CalibratingViews.of(stored, stored.only(np.array([True, False, False])), options)
    views, further = calibrating.views, calibrating.further
    assert [np.unique(views.copy[views.garment == one]).tolist() for one in range(4)] == [[-1, 0, 1, 2]] * 4
    assert (views.copy[further] == 2).all()
    assert sorted(views.garment[further].tolist()) == [0, 1, 2]  # the fourth is on a person
    assert not CalibratingViews.of(stored, None, RetrievalOptions(copies=none)).further.any()


def test_a_draw_is_the_original_and_different_copies(stored: StoredViews) -> None:
    drawn = stored.draw(1, 4, np.random.default_rng(0))
    assert stored.copy[drawn[0]] == -1
    assert len(set(drawn.tolist())) == 4
    assert (stored.garment[drawn] == 1).all()


def test_vectors_from_stored_features_are_those_of_the_served_path(
    encoder: Encoder, copies: ViewStore, stored: StoredViews
) -> None:
    torch.manual_seed(1)
    head = RegionHead(RegionHeadConfig()).eval()
    torch.nn.init.normal_(head.weight)
    whole = WholeHead(SERVED).eval()
    torch.nn.init.normal_(whole.weight)
    found = Heads(head, whole).vectors(statistics_of(encoder.retrieval, stored, head.config, encoder.whole))
    original = copies.originals[2]
    pixels = torch.from_numpy(np.array(copies.pixels[original])[None])
    with torch.inference_mode():
        features, points, grid = (output.numpy()[0] for output in encoder(pixels))
        boxes, visible = region_boxes(points, CATEGORIES[copies.category[original]], SPEC)
        assert (visible > 0).any()
        regions = roi_align(features, boxes, SPEC.encoder.pool_size, SPEC.crop.side / features.shape[-1])
        taken = (torch.from_numpy(array[None]) for array in (regions, visible, grid))
        served = PartHead(head, whole)(*taken).numpy()[0]
    np.testing.assert_allclose(found[2], served, atol=2e-2)


def test_what_is_stored_is_not_made_again(store: CropStore, copies: ViewStore, folder: Path) -> None:
    before = (folder / "copies" / "pixels.npy").stat().st_mtime_ns
    plan = CopyPlan(("easy", "easy"), (0, 1))
    again = build_view_store(store.labels[:3], folder, folder, folder / "copies", plan, processes=1)
    assert (folder / "copies" / "pixels.npy").stat().st_mtime_ns == before
    np.testing.assert_array_equal(again.change, copies.change)


def test_a_plan_with_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown level"):
        CopyPlan(("impossible",), (None,))


def test_features_are_kept_while_what_makes_them_stays(encoder: Encoder, copies: ViewStore, folder: Path) -> None:
    place = folder / "shallow-copies"
    shallow_features(encoder, copies, SPEC, place)
    before = (place / "regions.npz").stat().st_mtime_ns
    trained = copy.deepcopy(encoder)
    with torch.no_grad():
        next(iter(trained.retrieval.backbone.stages[-1].parameters())).add_(1)
    shallow_features(trained, copies, SPEC, place)
    assert (place / "regions.npz").stat().st_mtime_ns == before
    with torch.no_grad():
        next(iter(trained.landmarks.maps.parameters())).add_(1)
    shallow_features(trained, copies, SPEC, place)
    assert (place / "regions.npz").stat().st_mtime_ns > before
