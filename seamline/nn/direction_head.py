"""Which way up garments lie: a distribution over directions at each cell of the backbone's coarsest map.

A turn is one of 24 classes with neighbours, not a number: a garment may look the same upside down, and the mean of two
guesses is the worst of three. The label is smoothed around the circle, as in Yang and Yan's circular smooth label (ECCV
2020). A turn is clockwise as seen in the picture: the garment's x axis points along (cosine, sine).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

BINS = 24

_CHANNELS = 128
_GROUPS = 32
_SHARPNESS = 30.0
"""Concentration of the label about the true turn, a standard deviation of about 10 degrees."""

_DECISION = 2.0
"""Power of the distribution whose mean is the answer: above 1 the likelier of two guesses prevails."""


class DirectionHead(nn.Module):
    """A map [B,C,H,W] -> logits [B,24,H,W] of the garment that a cell lies in."""

    directions: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, _CHANNELS, 1),
            nn.GroupNorm(_GROUPS, _CHANNELS),
            nn.ReLU(),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1),
            nn.GroupNorm(_GROUPS, _CHANNELS),
            nn.ReLU(),
            nn.Conv2d(_CHANNELS, BINS, 1),
        )
        self.register_buffer("directions", directions(), persistent=False)

    def forward(self, coarsest: Tensor) -> Tensor:
        logits: Tensor = self.layers(coarsest)
        return logits

    def decide(self, logits: Tensor) -> Tensor:
        """Logits [...,24] -> a vector [...,2] that points along the garment's x axis, shorter the less is known."""
        return torch.softmax(_DECISION * logits, dim=-1) @ self.directions


def directions() -> Tensor:
    """Unit vectors [24,2] of the classes, the first of a garment that lies upright."""
    angles = torch.arange(BINS, dtype=torch.float32) * (2 * math.pi / BINS)
    return torch.stack([torch.cos(angles), torch.sin(angles)], dim=-1)


def direction_loss(logits: Tensor, turns: Tensor) -> Tensor:
    """Mean cross entropy of logits [n,24] with smoothed labels of the turns [n,2], cosine and sine."""
    if not len(logits):
        return logits.sum()
    labels = torch.softmax(_SHARPNESS * (turns @ directions().to(turns).T), dim=-1)
    return functional.cross_entropy(logits, labels)


def at_cells(logits: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Logits [B,24,H,W] at the cells of square maps of these sides, each a multiple of H: [B,cells,24]."""
    levels = [functional.interpolate(logits, size=(side, side), mode="nearest") for side in sizes]
    return torch.cat([level.flatten(2).transpose(1, 2) for level in levels], dim=1)
