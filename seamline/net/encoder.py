"""The encoder: a crop of one garment in, a feature map for its regions and its landmarks out.

Two branches with a backbone each, as in PS-Net (Lang et al., CVPR 2020), and the landmark branch tells the
retrieval branch where to look. PS-Net multiplies its map by a learnt attention, F' = F o (1/2 + A). Here the
retrieval branch is a frozen ImageNet backbone with a fitted projection, and the attention is the share of garment
in each cell: F' = F o G. The map's last channel is G itself, by which the region head weighs the cells.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.net.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0, normalise
from seamline.net.landmarks import LandmarkBranch, LandmarkConfig, LandmarkMaps, decode


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """The landmark branch, and the map: `channels`, the last of which is the attention, at `stride` pixels a cell."""

    landmarks: LandmarkConfig
    channels: int = 128
    stride: int = 8


class RetrievalBranch(nn.Module):
    """Float [B,3,H,W] in -1..1 -> features [B,channels-1,H/stride,W/stride], zero on average over garments.

    A 1x1 convolution of the concatenated, resampled levels; resampling is linear, so each level is convolved first, at
    its own size.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.stride = config.stride
        self.backbone = Lite0()
        self.project = nn.ModuleList(
            nn.Conv2d(channels, config.channels - 1, 1, bias=False) for channels in LEVEL_CHANNELS
        )
        self.bias = nn.Parameter(torch.zeros(config.channels - 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bias[:, None, None]
        for level, project, stride in zip(self.backbone(x), self.project, LEVEL_STRIDES, strict=True):
            y = y + resample(project(level), stride / self.stride)
        return y

    def levels(self, x: Tensor) -> Tensor:
        """What is projected: the levels, resampled and side by side, [B,sum of LEVEL_CHANNELS,H/stride,W/stride]."""
        levels = zip(self.backbone(x), LEVEL_STRIDES, strict=True)
        return torch.cat([resample(level, stride / self.stride) for level, stride in levels], 1)

    def set_projection(self, weight: Tensor, mean: Tensor) -> None:
        """Make the features weight @ (levels - mean); weight [channels-1, sum of LEVEL_CHANNELS]."""
        start = 0
        with torch.no_grad():
            for project, channels in zip(self.project, LEVEL_CHANNELS, strict=True):
                project.get_parameter("weight").copy_(weight[:, start : start + channels, None, None])
                start += channels
            self.bias.copy_(-weight @ mean)


class ForegroundAttention(nn.Module):
    """The landmark branch's foreground [B,1,h,w] weighs the features [B,C,H,W]; returns [B,C+1,H,W] with the
    weight last."""

    def forward(self, features: Tensor, maps: LandmarkMaps) -> Tensor:
        share = torch.sigmoid(maps.foreground)
        share = resample(share, features.shape[-1] / share.shape[-1])
        return torch.cat([features * share, share], 1)


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
        self.attention = ForegroundAttention()

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        x = normalise(crops)
        maps = self.landmarks(x)
        points = decode(maps, self.config.landmarks.window)
        return self.attention(self.retrieval(x), maps), points
