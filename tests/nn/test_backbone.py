"""The backbone's levels, and the ImageNet weights in it."""

from __future__ import annotations

import torch

from seamline.nn.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0, freeze, load_imagenet, normalise


def test_levels_have_the_announced_strides_and_channels() -> None:
    with torch.inference_mode():
        levels = Lite0().eval()(torch.zeros(1, 3, 64, 96))
    shapes = [tuple(level.shape[1:]) for level in levels]
    assert shapes == [(c, 64 // s, 96 // s) for c, s in zip(LEVEL_CHANNELS, LEVEL_STRIDES, strict=True)]


def test_pixels_reach_the_network_between_minus_one_and_one() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 2, 1).expand(1, 1, 2, 3)
    assert normalise(pixels).unique().tolist() == [-1.0, 1.0]


def test_imagenet_weights_fill_every_tensor_with_sane_features() -> None:
    backbone = Lite0()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    load_imagenet(backbone)
    after = backbone.state_dict()
    weights = [name for name in after if name.endswith("weight")]
    assert all(not torch.equal(before[name], after[name]) for name in weights)
    with torch.inference_mode():
        deepest = backbone.eval()(torch.rand(1, 3, 64, 64) * 2 - 1)[-1]
    assert 0.1 < float(deepest.std()) < 10


def test_frozen_stages_do_not_learn() -> None:
    backbone = Lite0()
    freeze(backbone, 2)
    learning = {name.split(".")[1] for name, p in backbone.named_parameters() if p.requires_grad}
    assert learning == {"2", "3", "4", "5"}
