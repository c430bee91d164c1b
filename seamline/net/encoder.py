"""The encoder: a crop of one garment in, a feature map for its regions and its landmarks out.

Two branches with a backbone each, as in PS-Net (Lang et al., CVPR 2020). The retrieval branch here is a frozen ImageNet
backbone whose levels are brought to one map by a linear projection that was fitted, not trained end to end.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.net.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0, normalise
from seamline.net.landmarks import LandmarkBranch, LandmarkConfig, decode


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """The landmark branch, and the retrieval branch's map: `channels` at `stride` pixels a cell."""

    landmarks: LandmarkConfig
    channels: int = 128
    stride: int = 8


class RetrievalBranch(nn.Module):
    """Float [B,3,H,W] in -1..1 -> map [B,channels,H/stride,W/stride].

    A 1x1 convolution of the concatenated, resampled levels; resampling is linear, so each level is convolved first, at
    its own size.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.stride = config.stride
        self.backbone = Lite0()
        self.project = nn.ModuleList(
            nn.Conv2d(channels, config.channels, 1, bias=False) for channels in LEVEL_CHANNELS
        )
        self.bias = nn.Parameter(torch.zeros(config.channels))

    def forward(self, x: Tensor) -> Tensor:
        levels = zip(self.backbone(x), self.project, LEVEL_STRIDES, strict=True)
        parts = [resample(project(level), stride / self.stride) for level, project, stride in levels]
        return torch.stack(parts).sum(0) + self.bias[:, None, None]


def resample(level: Tensor, factor: float) -> Tensor:
    """[B,C,H,W] -> [B,C,H*factor,W*factor]: means of whole cells when shrinking, bilinear when growing."""
    if factor < 1:
        return functional.avg_pool2d(level, round(1 / factor))
    if factor > 1:
        return functional.interpolate(level, scale_factor=factor, mode="bilinear", align_corners=False)
    return level


class Encoder(nn.Module):
    """uint8 [B,S,S,3] RGB -> map [B,channels,S/stride,S/stride] and landmarks [B,K,3] (x, y in pixels, confidence)."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.landmarks = LandmarkBranch(config.landmarks)
        self.retrieval = RetrievalBranch(config)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        x = normalise(crops)
        points = decode(self.landmarks(x), self.config.landmarks.window)
        return self.retrieval(x), points
