"""The landmark branch: from its map F to one heatmap per landmark, and from heatmaps to points.

The paper names a 1x1 convolution 1024 -> 128, "several" transposed convolutions up to the input's size, squared error
against Gaussians with a standard deviation of one pixel, and landmark information M of 28 x 28 x 32. Here M is the last
map of 32 channels, from which the heatmaps are convolved.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.nn.landmarks import gaussians, peak_positions

INFORMATION = 32
"""Channels of M."""

_REDUCED = 128
_WIDTHS = {224: (64, 32, 32), 112: (64, 32), 56: (32,)}
_WINDOW = 3
"""Cells about a peak that the centre of mass takes: three standard deviations of the targets."""


class LandmarkDecoder(nn.Module):
    """F [B,width,28,28] -> heatmaps [B,K,side,side], which aim at Gaussians with a peak of 1, and M [B,32,28,28]."""

    def __init__(self, width: int, landmarks: int, side: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(width, _REDUCED, 1)
        inputs = (_REDUCED, *_WIDTHS[side])
        self.ups = nn.Sequential(*(_up(*sizes) for sizes in itertools.pairwise(inputs)))
        self.maps = nn.Conv2d(INFORMATION, landmarks, 1)
        nn.init.normal_(self.maps.weight, std=0.001)  # targets are nearly empty: start near them
        nn.init.zeros_(self.maps.get_parameter("bias"))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        y = self.ups(self.reduce(features))
        information = functional.interpolate(y, size=features.shape[-2:], mode="bilinear", align_corners=False)
        return self.maps(y), information


def _up(inputs: int, outputs: int) -> nn.Sequential:
    up = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(up, nn.BatchNorm2d(outputs), nn.ReLU())


def decode(heatmaps: Tensor, method: str, cell: float) -> Tensor:
    """Landmarks [B,K,3] from heatmaps [B,K,S,S]: x, y in crop pixels (`cell` of them per cell of the heatmap), and
    the height of the peak, 0..1, as confidence."""
    heatmaps = heatmaps.float()
    peak = heatmaps.flatten(2).amax(-1, keepdim=True).clamp(0, 1)
    if method == "soft-argmax":
        places = peak_positions(torch.log(heatmaps.clamp_min(1e-6)), _WINDOW)
    else:
        places = _quarter_shifted(heatmaps)
    return torch.cat([places * cell, peak], -1)


def _quarter_shifted(heatmaps: Tensor) -> Tensor:
    """Positions [B,K,2] in cells, where cell i spans [i, i+1): the peak's centre, a quarter of a cell towards the
    higher neighbour; not shifted at the map's edge."""
    size = int(heatmaps.shape[-1])
    flat = heatmaps.flatten(2)
    _, best = flat.max(-1, keepdim=True)
    row = torch.floor((best.to(flat.dtype) + 0.5) / size)
    column = best.to(flat.dtype) - row * size
    return torch.cat([place + 0.5 + _shift(flat, best, step, place) for place, step in ((column, 1), (row, size))], -1)


def _shift(flat: Tensor, best: Tensor, step: int, place: Tensor) -> Tensor:
    cells = int(flat.shape[-1])
    size = round(cells**0.5)
    after, before = (flat.gather(-1, (best + sign * step).clamp(0, cells - 1)) for sign in (1, -1))
    inside = (place > 0.5) & (place < size - 1.5)
    return 0.25 * torch.sign(after - before) * inside.to(flat.dtype)


def landmark_loss(heatmaps: Tensor, side: int, points: Tensor, known: Tensor, sigma: float = 1.0) -> Tensor:
    """Half the squared error between heatmaps [B,K,S,S] of crops `side` pixels wide and Gaussians.

    Summed over a map and averaged over landmarks.

    `points` [B,K,3]: x, y in crop pixels, and 1 where the landmark exists, else 0 (its map should be empty); `known`
    [B,K]: how far that can be trusted, 0 leaves the landmark out. `sigma` in cells of the heatmap, one in the paper.
    Summed, not averaged, over the map, because an optimiser's epsilon would drown the gradient of a mean over 50,176
    cells of which three or so are not empty.
    """
    heatmaps = heatmaps.float()
    cell = side / heatmaps.shape[-1]
    target = gaussians(points[..., :2] / cell, int(heatmaps.shape[-1]), sigma) * points[..., 2, None, None]
    error = 0.5 * (heatmaps - target).square().sum((-2, -1))
    return (error * known).sum() / known.sum().clamp_min(1e-6)
