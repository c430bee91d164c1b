"""The landmark branch: where a garment's named points are, which of them exist, and what is garment.

As in PS-Net (Lang et al., CVPR 2020): features, a 1x1 convolution to 128 channels, transposed convolutions, one
heatmap per landmark. Ours stops at a quarter of the input's size, adds lateral connections, and reads sub-cell
positions from the heatmap, which costs a CPU far less than maps of the input's size. Whether a landmark exists is told
by the garment as a whole and by what is seen at the landmark's own place, such as hair or a bag.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from seamline.nn.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0


@dataclasses.dataclass(frozen=True)
class LandmarkConfig:
    """`count` landmarks; widths of the decoder at strides 32, 16, 8 and 4; `window`: cells around the peak that
    count."""

    count: int
    widths: tuple[int, int, int, int] = (128, 96, 64, 48)
    window: int = 3


class LandmarkMaps(NamedTuple):
    """Raw outputs: heatmaps [B,K,S,S] and foreground [B,1,S,S] at stride 4, presence [B,K]; all logits."""

    heatmaps: Tensor
    foreground: Tensor
    presence: Tensor


class _Up(nn.Module):
    """A transposed convolution to twice the size, joined by the backbone's finer level."""

    def __init__(self, inputs: int, lateral: int, outputs: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
        self.lateral = nn.Conv2d(lateral, outputs, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return torch.relu(self.norm(self.up(coarse) + self.lateral(fine)))


class LandmarkBranch(nn.Module):
    """Float [B,3,H,W] in -1..1 -> LandmarkMaps. H and W are multiples of 32."""

    def __init__(self, config: LandmarkConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Lite0()
        deepest, *widths = config.widths
        self.reduce = nn.Sequential(
            nn.Conv2d(LEVEL_CHANNELS[-1], deepest, 1, bias=False), nn.BatchNorm2d(deepest), nn.ReLU()
        )
        laterals = LEVEL_CHANNELS[-2::-1]
        self.ups = nn.ModuleList(_Up(*sizes) for sizes in zip((deepest, *widths[:-1]), laterals, widths, strict=True))
        self.maps = nn.Conv2d(widths[-1], config.count + 1, 1)
        self.presence = nn.Linear(deepest, config.count)
        self.evidence = nn.Conv2d(widths[-1], config.count, 1, bias=False)
        nn.init.zeros_(self.evidence.weight)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        """A file that was written before networks had the evidence is read as one in which it says nothing."""
        state_dict.setdefault(f"{prefix}evidence.weight", torch.zeros_like(self.evidence.weight))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def forward(self, x: Tensor) -> LandmarkMaps:
        return self.decoded(self.backbone(x))

    def decoded(self, levels: tuple[Tensor, ...]) -> LandmarkMaps:
        """The maps of the backbone's `levels`, which branches with the same backbone share."""
        *finer, deepest = levels
        y = self.reduce(deepest)
        presence = self.presence(y.mean((2, 3)))
        for up, fine in zip(self.ups, finer[::-1], strict=True):
            y = up(y, fine)
        maps = self.maps(y)
        heatmaps = maps[:, :-1]
        return LandmarkMaps(heatmaps, maps[:, -1:], presence + at_landmarks(self.evidence(y), heatmaps))


def at_landmarks(values: Tensor, heatmaps: Tensor) -> Tensor:
    """The mean [B,K] of maps [B,K,S,S], each cell weighed by the probability that the landmark is there."""
    probability = torch.softmax(heatmaps.flatten(2), -1)
    return (probability * values.flatten(2)).sum(-1)


def decode(maps: LandmarkMaps, window: int) -> Tensor:
    """Landmarks [B,K,3]: x and y in input pixels, and the confidence 0..1 that the landmark exists."""
    points = peak_positions(maps.heatmaps, window) * LEVEL_STRIDES[0]
    return torch.cat([points, torch.sigmoid(maps.presence)[..., None]], -1)


def peak_positions(heatmaps: Tensor, window: int) -> Tensor:
    """Positions [B,K,2] (x, y) in cells, where cell i spans [i, i+1): the mean over the cells at most `window`
    from the peak, each weighted by the exponential of its logit.

    The whole map's mean would be drawn towards second peaks, such as the other sleeve. Fixed shapes and no
    gathering of indices, so that TensorRT runs it as it stands.
    """
    size = int(heatmaps.shape[-1])
    flat = heatmaps.flatten(2)
    peak, best = flat.max(-1, keepdim=True)
    centres = _cell_centres(size).to(flat)
    row = torch.floor((best.to(flat.dtype) + 0.5) / size) + 0.5
    column = best.to(flat.dtype) - (row - 0.5) * size + 0.5
    near = ((centres[:, 0] - column).abs() < window + 0.5) & ((centres[:, 1] - row).abs() < window + 0.5)
    weight = torch.exp(flat - peak) * near.to(flat.dtype)
    return (weight @ centres) / weight.sum(-1, keepdim=True)


def _cell_centres(size: int) -> Tensor:
    """Centres (x, y) of a size x size map's cells, row by row: [size * size, 2]."""
    places = torch.arange(size, dtype=torch.float32) + 0.5
    return torch.stack([places.repeat(size), places[:, None].expand(size, size).reshape(-1)], -1)


def gaussians(places: Tensor, size: int, sigma: float) -> Tensor:
    """Maps [B,K,size,size] with the height 1 at `places` [B,K,2], in cells."""
    centres = torch.arange(size, dtype=torch.float32, device=places.device) + 0.5
    x, y = (torch.exp(-0.5 * ((centres - places[..., axis, None]) / sigma) ** 2) for axis in (0, 1))
    return y[..., :, None] * x[..., None, :]
