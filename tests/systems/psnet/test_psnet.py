"""PS-Net as the paper describes it: shapes, the attention's range, where gradients go, decoding, options."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from seamline.core.spec import LANDMARKS
from seamline.nn.checkpoint import load_state, save, save_state
from seamline.nn.landmarks import gaussians
from seamline.systems.psnet.attention import KINDS, attended
from seamline.systems.psnet.config import PSNetConfig, encoder_spec
from seamline.systems.psnet.landmarks import LandmarkDecoder, decode, landmark_loss
from seamline.systems.psnet.network import PSNet, PSNetOutput, load_psnet
from seamline.systems.psnet.spec import EncoderSpec

SMALL = PSNetConfig(backbone="test_resnet", width=48)
BOXES = torch.tensor([[[10.0, 20.0, 120.0, 90.0]] * 5] * 2)
SEEN = torch.ones(2, 5)


def crops(count: int = 2) -> torch.Tensor:
    return torch.randint(0, 256, (count, 224, 224, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def network(**options: object) -> PSNet:
    torch.manual_seed(0)
    return PSNet(dataclasses.replace(SMALL, **options))  # type: ignore[arg-type]


def test_the_default_is_the_paper_s_network_but_for_the_backbone() -> None:
    config = PSNetConfig()
    assert (config.width, config.heatmap_side, config.attention) == (1024, 224, "psnet")
    assert not config.shared_backbone
    assert encoder_spec(config) == EncoderSpec()


@pytest.mark.parametrize("side", [224, 112, 56])
def test_outputs_have_the_stated_shapes(side: int) -> None:
    with torch.inference_mode():
        output = network(heatmap_side=side).eval()(crops())
    assert output.features.shape == (2, 48, 28, 28)
    assert output.landmarks.shape == (2, len(LANDMARKS), 3)
    assert output.heatmaps.shape == (2, len(LANDMARKS), side, side)
    assert ((output.landmarks[..., :2] >= 0) & (output.landmarks[..., :2] <= 224)).all()
    assert ((output.landmarks[..., 2] >= 0) & (output.landmarks[..., 2] <= 1)).all()


def test_landmark_information_is_the_last_map_at_the_features_size() -> None:
    decoder = LandmarkDecoder(48, 22, 224).eval()
    with torch.inference_mode():
        heatmaps, information = decoder(torch.rand(1, 48, 28, 28))
    assert heatmaps.shape == (1, 22, 224, 224)
    assert information.shape == (1, 32, 28, 28)


@pytest.mark.parametrize("kind", ["psnet", "unet"])
def test_attention_scales_every_feature_between_a_half_and_three_halves(kind: str) -> None:
    torch.manual_seed(0)
    attention = KINDS[kind](48)
    inputs = (torch.rand(2, 48, 28, 28) * 9, torch.randn(2, 32, 28, 28) * 9, torch.rand(2, 22, 56, 56))
    factor = attended(torch.ones(2, 48, 28, 28), attention(*inputs))
    assert factor.shape == (2, 48, 28, 28)
    assert 0.5 <= factor.min() < factor.max() <= 1.5


@pytest.mark.parametrize("kind", ["psnet", "unet"])
def test_landmarks_steer_the_attention(kind: str) -> None:
    attention = KINDS[kind](48).eval()
    features, information, heatmaps = torch.rand(1, 48, 28, 28), torch.rand(1, 32, 28, 28), torch.rand(1, 22, 56, 56)
    with torch.inference_mode():
        one, other = attention(features, information, heatmaps), attention(features, -information, -heatmaps)
    assert not torch.allclose(one, other)


def test_without_attention_the_map_does_not_depend_on_the_landmark_branch() -> None:
    with torch.inference_mode():
        for kind, same in (("none", True), ("psnet", False)):
            net = network(attention=kind).eval()
            before = net(crops()).features
            for parameter in net.landmark_parameters():
                parameter.add_(torch.randn_like(parameter) * 0.1)
            assert torch.equal(net(crops()).features, before) == same


def gradient_reaches(net: PSNet, loss: torch.Tensor) -> tuple[bool, bool]:
    """Whether the loss's gradient reaches the landmark branch, and the retrieval branch."""
    net.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    parts = (net.landmark_parameters(), net.retrieval_parameters())
    first, second = (any(p.grad is not None and bool(p.grad.any()) for p in part) for part in parts)
    return first, second


def vector_sum(net: PSNet, output: PSNetOutput) -> torch.Tensor:
    return (net.head(output.features, BOXES, SEEN) * torch.arange(128.0)).sum()


@pytest.mark.parametrize("kind", ["psnet", "unet"])
def test_retrieval_trains_the_retrieval_branch_only(kind: str) -> None:
    net = network(attention=kind, heatmap_side=56)
    assert gradient_reaches(net, vector_sum(net, net(crops()))) == (False, True)


def test_landmarks_train_the_landmark_branch_only() -> None:
    net = network(heatmap_side=56)
    points = torch.rand(2, 22, 3) * 224
    points[..., 2] = 1
    assert gradient_reaches(net, landmark_loss(net(crops()).heatmaps, 224, points, torch.ones(2, 22))) == (True, False)


def test_a_shared_backbone_is_one_and_learns_from_both() -> None:
    net = network(shared_backbone=True, heatmap_side=56)
    apart = network(heatmap_side=56)
    assert len(list(net.parameters())) < len(list(apart.parameters()))
    assert gradient_reaches(net, vector_sum(net, net(crops()))) == (True, True)
    assert all(parameter.grad is None for parameter in net.landmark_decoder.parameters())


def test_both_lists_together_are_all_parameters() -> None:
    for shared in (False, True):
        net = network(shared_backbone=shared)
        both = [id(parameter) for parameter in (*net.landmark_parameters(), *net.retrieval_parameters())]
        assert sorted(both) == sorted(id(parameter) for parameter in net.parameters())


@pytest.mark.parametrize(("method", "error"), [("argmax", 0.36), ("soft-argmax", 0.02)])
@pytest.mark.parametrize("side", [224, 56])
def test_gaussians_are_read_back_to_a_fraction_of_a_cell(method: str, error: float, side: int) -> None:
    cell = 224 / side
    places = torch.rand(1, 22, 2, generator=torch.Generator().manual_seed(3)) * 184 + 20
    found = decode(gaussians(places / cell, side, 1.0), method, cell)
    assert ((found[..., :2] - places).norm(dim=-1) / cell).max() < error
    assert (found[..., 2] > 0.75).all()


def test_the_quarter_shift_goes_towards_the_higher_neighbour_and_not_beyond_the_edge() -> None:
    heatmaps = torch.zeros(1, 2, 8, 8)
    heatmaps[0, 0, 3, 4], heatmaps[0, 0, 3, 5], heatmaps[0, 0, 2, 4] = 0.9, 0.5, 0.4
    heatmaps[0, 1, 0, 7], heatmaps[0, 1, 1, 7] = 0.6, 0.5
    found = decode(heatmaps, "argmax", 1.0)[0]
    assert found[0].tolist() == pytest.approx([4.75, 3.25, 0.9])
    assert found[1].tolist() == pytest.approx([7.5, 0.5, 0.6])


def test_an_empty_heatmap_gives_no_confidence() -> None:
    assert decode(torch.full((1, 1, 8, 8), -0.1), "argmax", 1.0)[0, 0, 2] == 0


def test_landmark_loss_is_half_the_squared_error_of_known_landmarks() -> None:
    heatmaps = torch.full((1, 3, 56, 56), 0.1)
    points = torch.tensor([[[102.0, 62.0, 1.0], [50.0, 50.0, 0.0], [10.0, 10.0, 1.0]]])
    centres = torch.arange(56) + 0.5
    square = (centres[None, :] - 25.5) ** 2 + (centres[:, None] - 15.5) ** 2  # a cell is 4 pixels
    placed = 0.5 * ((heatmaps[0, 0] - torch.exp(-square / 2)) ** 2).sum()
    empty = 0.5 * 56 * 56 * 0.01
    known = torch.tensor([[1.0, 1.0, 0.0]])
    assert landmark_loss(heatmaps, 224, points, known).item() == pytest.approx((float(placed) + empty) / 2, rel=1e-4)
    assert landmark_loss(heatmaps, 224, points, torch.zeros(1, 3)).item() == 0


def test_a_few_steps_lower_both_losses() -> None:
    net = network(heatmap_side=56).train()
    points = torch.rand(2, 22, 3) * 200 + 10
    points[..., 2] = 1
    wanted = torch.nn.functional.normalize(torch.randn(2, 5, 128), dim=-1)
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    values = []
    for _ in range(8):
        output = net(crops())
        apart = 1 - (net.head(output.features, BOXES, SEEN) * wanted).sum(-1).mean()
        losses = torch.stack([landmark_loss(output.heatmaps, 224, points, torch.ones(2, 22)), apart])
        values.append(losses.detach())
        optimiser.zero_grad()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert (values[-1] < values[0]).all()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"backbone": "resnet5"}, "no backbone 'resnet5'"),
        ({"heatmap_side": 100}, "heatmap_side must be one of 224, 112, 56, not 100"),
        ({"decode": "mean"}, "decode must be one of"),
        ({"attention": "self"}, "attention must be one of"),
        ({"width": 0}, "width must be at least 1"),
    ],
)
def test_options_that_give_no_network_are_refused(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        network(**options)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    net = network(heatmap_side=56, decode="soft-argmax").eval()
    save(net, tmp_path / "psnet.pt")
    again = load_psnet(tmp_path / "psnet.pt")
    assert again.config == net.config
    with torch.inference_mode():
        assert torch.equal(again(crops()).features, net(crops()).features)


def test_a_checkpoint_that_does_not_fit_names_its_first_tensor(tmp_path: Path) -> None:
    path = tmp_path / "psnet.pt"
    save(network(heatmap_side=56), path)
    state = load_state(path)
    save_state({**state, "config": {**state["config"], "dimension": 64}}, path)
    with pytest.raises(ValueError, match=r"head\.linear\.weight is \(128, 48\), should be \(64, 48\)"):
        load_psnet(path)
    save_state({"config": {"channels": 128}, "weights": {}}, path)
    with pytest.raises(ValueError, match="not a checkpoint of PS-Net"):
        load_psnet(path)
