"""The encoder: a crop of one garment in, a feature map for its regions and its landmarks out.

Two branches with a backbone each, as in PS-Net (Lang et al., CVPR 2020), and the landmark branch tells the
retrieval branch where to look. PS-Net multiplies its map by a learnt attention, F' = F o (1/2 + A). Here the
attention is the share of garment in each cell, F' = F o G, and the map's last channel is G itself, by which the region
head weighs the cells. The network with PS-Net's own attention is `seamline.systems.psnet`.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from seamline.nn.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, LEVELS, Lite0, load_imagenet, normalise, resample
from seamline.nn.grid import symmetric_grid
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig, LandmarkMaps, decode


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """The landmark branch, and the map: `channels`, the last of which is the share of garment; `stride` pixels a cell.

    `attention`: "foreground" weighs each cell by its share of garment, "none" takes every cell in full.
    """

    landmarks: LandmarkConfig
    channels: int = 128
    stride: int = 8
    attention: str = "foreground"

    def __post_init__(self) -> None:
        if self.attention not in ("foreground", "none"):
            raise ValueError(f"attention must be foreground or none, not {self.attention!r}")


_BESIDE = 0.1
"""What a cell without garment counts in the grid: where the garment was not told from its ground, all cells are
alike."""

SHALLOW_STAGES = LEVELS[1] + 1
"""Stages of the backbone up to the level that has the map's own stride."""


class RetrievalBranch(nn.Module):
    """Float [B,3,H,W] in -1..1 -> features [B,channels-1,H/stride,W/stride], zero on average over garments, and the
    backbone's last level [B,C,H/32,W/32].

    A 1x1 convolution of the concatenated, resampled levels; resampling is linear, so the coarse levels are convolved
    first, at their own size.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.stride = config.stride
        self.backbone = Lite0()
        self.project = nn.ModuleList(
            nn.Conv2d(channels, config.channels - 1, 1, bias=False) for channels in LEVEL_CHANNELS
        )
        self.bias = nn.Parameter(torch.zeros(config.channels - 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.deep(*self.shallow(x))

    def shallow(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The first two levels at the map's size, [B,C,H/stride,W/stride] each; what training leaves as it is."""
        x = self.backbone.stem(x)
        levels: list[Tensor] = []
        for index, stage in enumerate(self.backbone.stages[:SHALLOW_STAGES]):
            x = stage(x)
            if index in LEVELS:
                levels.append(resample(x, LEVEL_STRIDES[len(levels)] / self.stride))
        stride4, stride8 = levels
        return stride4, stride8

    def deep(self, stride4: Tensor, stride8: Tensor) -> tuple[Tensor, Tensor]:
        """Features, and the last level, from what `shallow` gives."""
        y = self.bias[:, None, None] + self.project[0](stride4) + self.project[1](stride8)
        x, level = stride8, 2
        for index in range(SHALLOW_STAGES, len(self.backbone.stages)):
            x = self.backbone.stages[index](x)
            if index in LEVELS:
                y = y + resample(self.project[level](x), LEVEL_STRIDES[level] / self.stride)
                level += 1
        return y, x

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


class WholeBranch(nn.Module):
    """The map at stride 8 [B,40,H/8,W/8] that `RetrievalBranch.shallow` gives -> ImageNet's last level [B,C,H/32,W/32].

    Nothing of it is trained: what training on copies that a program made forgets, such as the same design in another
    colour, ImageNet's features still tell.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(list(Lite0().stages)[SHALLOW_STAGES:])

    def forward(self, stride8: Tensor) -> Tensor:
        x = stride8
        for stage in self.stages:
            x = stage(x)
        return x

    def take(self, backbone: Lite0) -> None:
        """Copy a backbone's weights."""
        for stage, other in zip(self.stages, list(backbone.stages)[SHALLOW_STAGES:], strict=True):
            stage.load_state_dict(other.state_dict())

    def take_imagenet(self) -> None:
        """Copy ImageNet's weights."""
        backbone = Lite0()
        load_imagenet(backbone)
        self.take(backbone)


def attended(features: Tensor, foreground: Tensor) -> Tensor:
    """Features [B,C,H,W] weighed by the share of garment [B,1,H,W], and the share itself as the last channel."""
    return torch.cat([features * foreground, foreground], 1)


def garment_grid(last: Tensor, foreground: Tensor) -> Tensor:
    """Means [B,C,3,2] of the backbone's last level [B,C,h,h] over the garment, of which `foreground` [B,1,H,H] is the
    share in each cell. A mirrored photo keeps them."""
    share = resample(foreground, last.shape[-1] / foreground.shape[-1])
    return symmetric_grid(last, (1 - _BESIDE) * share + _BESIDE)


class Encoder(nn.Module):
    """uint8 [B,S,S,3] RGB -> map [B,channels,S/stride,S/stride], landmarks [B,K,3] (x, y in pixels, confidence), and
    the grid [B,2*C,3,2] that the garment's own vectors are made of, of the retrieval branch's last level and of
    ImageNet's, which neither landmarks nor category touch."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.landmarks = LandmarkBranch(config.landmarks)
        self.retrieval = RetrievalBranch(config)
        self.whole = WholeBranch()

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = normalise(crops)
        maps = self.landmarks(x)
        points = decode(maps, self.config.landmarks.window)
        stride4, stride8 = self.retrieval.shallow(x)
        features, last = self.retrieval.deep(stride4, stride8)
        foreground = self.foreground(maps, features.shape[-1])
        levels = torch.cat([last, self.whole(stride8)], 1)
        return attended(features, foreground), points, garment_grid(levels, foreground)

    def foreground(self, maps: LandmarkMaps, side: int) -> Tensor:
        """Share of garment [B,1,side,side] in each cell, 0..1; 1 everywhere without attention."""
        foreground = torch.sigmoid(maps.foreground)
        foreground = torch.ones_like(foreground) if self.config.attention == "none" else foreground
        return resample(foreground, side / foreground.shape[-1])
