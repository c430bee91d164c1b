"""Backbones by name: their maps, their initial weights, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from seamline.nn.backbone import Lite0, load_imagenet, normalise
from seamline.nn.timm_backbone import STRIDES, TimmBackbone, keep_statistics, load_weights

SMALL = "test_resnet"


def crops(side: int = 64) -> torch.Tensor:
    return torch.randint(0, 256, (1, side, side, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", [SMALL, "test_convnext", "hrnet_w18_small"])
def test_levels_lie_at_the_four_strides(name: str) -> None:
    backbone = TimmBackbone(name).eval()
    with torch.inference_mode():
        levels = backbone(backbone.normalise(crops()))
    assert [level.shape[1] for level in levels] == list(backbone.channels)
    assert [64 // level.shape[-1] for level in levels] == list(STRIDES)


def test_hrnet_gives_its_branches_not_its_classifier_s_maps() -> None:
    assert TimmBackbone("hrnet_w18_small").channels == (16, 32, 64, 128)


def test_a_backbone_that_keeps_channels_last_gives_them_first() -> None:
    backbone = TimmBackbone("test_mambaout").eval()
    with torch.inference_mode():
        levels = backbone(torch.zeros(1, 3, 64, 64))
    assert [level.shape[1] for level in levels] == list(backbone.channels)


def test_imagenet_weights_reach_timm_s_lite0_in_the_right_order() -> None:
    backbone, lite0 = TimmBackbone("tf_efficientnet_lite0").eval(), Lite0().eval()
    load_weights(backbone, "imagenet")
    load_imagenet(lite0)
    with torch.inference_mode():
        found, wanted = backbone(backbone.normalise(crops())), lite0(normalise(crops()))
    for level, same in zip(found[:3], wanted[:3], strict=True):
        assert torch.allclose(level, same, atol=1e-4)


def test_a_file_of_a_whole_classifier_initialises_the_backbone(tmp_path: Path) -> None:
    torch.manual_seed(1)
    classifier = timm.create_model("test_convnext")
    torch.save({"state_dict": {f"module.{n}": t for n, t in classifier.state_dict().items()}}, tmp_path / "all.pth")
    backbone = TimmBackbone("test_convnext")
    load_weights(backbone, str(tmp_path / "all.pth"))
    assert torch.equal(
        backbone.network.state_dict()["stages_3.blocks.0.conv_dw.weight"],
        classifier.state_dict()["stages.3.blocks.0.conv_dw.weight"],
    )


def test_safetensors_are_read(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    source, backbone = TimmBackbone(SMALL), TimmBackbone(SMALL)
    save_file(source.network.state_dict(), tmp_path / "weights.safetensors")
    load_weights(backbone, str(tmp_path / "weights.safetensors"))
    pairs = zip(source.state_dict().values(), backbone.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_random_weights_leave_the_backbone_as_it_is() -> None:
    backbone = TimmBackbone(SMALL)
    before = backbone.network.state_dict()["conv1.0.weight"].clone()
    load_weights(backbone, "random")
    assert torch.equal(backbone.network.state_dict()["conv1.0.weight"], before)


def test_the_first_tensor_that_does_not_fit_is_named_and_nothing_is_copied(tmp_path: Path) -> None:
    backbone = TimmBackbone(SMALL)
    state = {name: tensor.clone() + 1 for name, tensor in backbone.network.state_dict().items()}
    state["layer2.0.conv1.weight"] = torch.zeros(3)
    torch.save(state, tmp_path / "wrong.pt")
    before = backbone.network.state_dict()["conv1.0.weight"].clone()
    with pytest.raises(ValueError, match=r"layer2\.0\.conv1\.weight has the shape \(3,\)"):
        load_weights(backbone, str(tmp_path / "wrong.pt"))
    assert torch.equal(backbone.network.state_dict()["conv1.0.weight"], before)
    del state["layer2.0.conv1.weight"]
    torch.save(state, tmp_path / "short.pt")
    with pytest.raises(ValueError, match=r"no tensor layer2\.0\.conv1\.weight"):
        load_weights(backbone, str(tmp_path / "short.pt"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("resnet51", "near it: .*resnet50"), ("vit_tiny_patch16_224", "strides"), ("hrnet", "no backbone")],
)
def test_names_that_give_no_such_maps_are_refused(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        TimmBackbone(name)


@pytest.mark.parametrize(
    ("weights", "reason"), [("imagenet", "tf_efficientnet_lite0 only"), ("nowhere.pt", "no checkpoint nowhere.pt")]
)
def test_weights_that_are_not_there_are_refused(weights: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        load_weights(TimmBackbone(SMALL), weights)


def test_kept_statistics_do_not_follow_the_data() -> None:
    network = torch.nn.ModuleDict({"backbone": TimmBackbone(SMALL), "norm": torch.nn.BatchNorm2d(3)}).train()
    keep_statistics(network)
    assert network["norm"].training
    before = {name: buffer.clone() for name, buffer in network["backbone"].named_buffers()}
    network["backbone"](torch.randn(2, 3, 64, 64))
    assert all(torch.equal(before[name], buffer) for name, buffer in network["backbone"].named_buffers())
