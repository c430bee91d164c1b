"""The encoder and region head as networks: shapes, attention, projection, mirror."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.nn.backbone import LEVEL_CHANNELS, load_imagenet, normalise, resample
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkConfig, LandmarkMaps
from seamline.systems.psnet.spec import MIRRORED
from seamline.systems.psnet_lite.checkpoint import load_encoder, load_region_head
from seamline.systems.psnet_lite.encoder import (
    Encoder,
    EncoderConfig,
    RetrievalBranch,
    WholeBranch,
    attended,
)
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig, garment_statistics, zones
from seamline.systems.psnet_lite.spec import GRID, default_spec

CONFIG = EncoderConfig(LandmarkConfig(len(LANDMARKS)))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    network = Encoder(CONFIG).eval()
    load_imagenet(network.retrieval.backbone)
    return network


@pytest.fixture
def head() -> RegionHead:
    torch.manual_seed(1)
    network = RegionHead(RegionHeadConfig()).eval()
    torch.nn.init.normal_(network.weight)
    return network


def test_outputs_have_the_shapes_of_the_spec(encoder: Encoder) -> None:
    with torch.inference_mode():
        features, landmarks, grid = encoder(torch.zeros(2, 224, 224, 3, dtype=torch.uint8))
    spec = default_spec()
    assert features.shape == (2, spec.encoder.channels, spec.encoder.map_side, spec.encoder.map_side)
    assert grid.shape == (2, *spec.own_tensors()[GRID])
    assert landmarks.shape == (2, len(LANDMARKS), 3)
    assert ((landmarks[..., :2] >= 0) & (landmarks[..., :2] <= 224)).all()
    assert ((landmarks[..., 2] >= 0) & (landmarks[..., 2] <= 1)).all()


def test_the_projection_is_the_one_that_was_set(encoder: Encoder) -> None:
    branch = RetrievalBranch(CONFIG).eval()
    branch.backbone.load_state_dict(encoder.retrieval.backbone.state_dict())
    weight, mean = torch.randn(127, sum(LEVEL_CHANNELS)), torch.randn(sum(LEVEL_CHANNELS))
    branch.set_projection(weight, mean)
    x = normalise(torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8))
    with torch.inference_mode():
        wanted = torch.einsum("ck,bkhw->bchw", weight, branch.levels(x) - mean[:, None, None])
        assert torch.allclose(branch(x)[0], wanted, atol=1e-3, rtol=1e-3)


def test_background_cells_vanish_and_the_last_channel_tells_where(encoder: Encoder) -> None:
    foreground = torch.full((1, 1, 56, 56), -30.0)
    foreground[..., :28] = 30.0
    maps = LandmarkMaps(torch.zeros(1, 22, 56, 56), foreground, torch.zeros(1, 22))
    weighed = attended(torch.ones(1, 127, 28, 28), encoder.foreground(maps, 28))
    assert weighed.shape == (1, 128, 28, 28)
    assert torch.allclose(weighed[..., :14], torch.ones(1, 128, 28, 14))
    assert weighed[..., 14:].abs().max() < 1e-6


def test_without_attention_every_cell_counts() -> None:
    encoder = Encoder(dataclasses.replace(CONFIG, attention="none"))
    maps = LandmarkMaps(torch.zeros(1, 22, 56, 56), torch.full((1, 1, 56, 56), -30.0), torch.zeros(1, 22))
    assert encoder.foreground(maps, 28).eq(1).all()
    with pytest.raises(ValueError, match="attention must be"):
        dataclasses.replace(CONFIG, attention="some")


def test_resampling_keeps_means() -> None:
    level = torch.rand(1, 3, 8, 8)
    assert torch.allclose(resample(level, 0.5).mean(), level.mean())
    assert resample(level, 4).shape == (1, 3, 32, 32)
    assert resample(level, 1) is level


def test_vectors_are_unit_or_zero(head: RegionHead) -> None:
    visible = torch.tensor([[1.0, 0.0, 0.3, -1.0, 1.0]])
    with torch.inference_mode():
        vectors = head(torch.rand(1, 5, 128, 7, 7), visible)
    assert vectors.norm(dim=-1)[0].tolist() == pytest.approx([1, 0, 1, 0, 1], abs=1e-5)


def test_mirrored_regions_give_the_same_vectors_with_sleeves_exchanged(head: RegionHead) -> None:
    regions, visible = torch.rand(2, 5, 128, 7, 7), torch.ones(2, 5)
    with torch.inference_mode():
        straight = head(regions, visible)
        flipped = head(regions[:, list(MIRRORED)].flip(-1), visible)
    assert torch.allclose(flipped, straight[:, list(MIRRORED)], atol=1e-5)


def test_what_lies_beside_the_garment_does_not_reach_the_statistics() -> None:
    features, share = torch.randn(1, 5, 127, 7, 7), torch.zeros(1, 5, 1, 7, 7)
    share[..., 2:5, 2:5] = 1.0
    other = torch.where(share > 0, features, torch.randn_like(features))
    weights = zones(RegionHeadConfig())
    first, second = (garment_statistics(torch.cat([f * share, share], 2), weights) for f in (features, other))
    assert torch.allclose(first, second, atol=1e-5)


def test_a_print_that_moves_to_another_zone_changes_the_statistics() -> None:
    weights, share = zones(RegionHeadConfig()), torch.ones(1, 5, 1, 7, 7)
    above, below = torch.zeros(2, 1, 5, 127, 7, 7)
    above[..., :2, :], below[..., -2:, :] = 1.0, 1.0
    first, second = (garment_statistics(torch.cat([f, share], 2), weights) for f in (above, below))
    assert (first - second).abs().max() > 0.5
    assert torch.allclose(first[..., -127:], second[..., -127:], atol=1e-4)  # the spread does not know where


def test_checkpoints_come_back_as_they_were(encoder: Encoder, head: RegionHead, tmp_path: Path) -> None:
    save(encoder, tmp_path / "encoder.pt")
    save(head, tmp_path / "region_head.pt")
    again, head_again = load_encoder(tmp_path / "encoder.pt"), load_region_head(tmp_path / "region_head.pt")
    assert again.config == encoder.config
    pairs = zip(again.state_dict().values(), encoder.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert torch.equal(head_again.weight, head.weight)


def test_the_last_level_beside_the_learnt_one_is_imagenets(encoder: Encoder) -> None:
    whole, x = WholeBranch().eval(), normalise(torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8))
    whole.take_imagenet()
    with torch.inference_mode():
        _, stride8 = encoder.retrieval.shallow(x)
        assert torch.allclose(whole(stride8), encoder.retrieval.backbone(x)[-1], atol=1e-4)


def test_an_encoder_from_before_it_had_imagenets_last_level_gets_it(encoder: Encoder, tmp_path: Path) -> None:
    save(encoder, tmp_path / "encoder.pt")
    state = torch.load(tmp_path / "encoder.pt", weights_only=True)
    state["weights"] = {name: one for name, one in state["weights"].items() if not name.startswith("whole.")}
    torch.save(state, tmp_path / "former.pt")
    whole = WholeBranch()
    whole.take_imagenet()
    found = load_encoder(tmp_path / "former.pt").whole.state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in whole.state_dict().items())
