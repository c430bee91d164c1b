"""Landmark attention: A in 0..1 per cell and channel, with which the retrieval map becomes F' = F o (1/2 + A).

What computes A is unpublished. "psnet" convolves F and M side by side; "unet" is the network of Liu and Lu
(ECCV-W 2018), which the paper most likely follows, with a sigmoid at its end for PS-Net's range.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.systems.psnet.landmarks import INFORMATION


def attended(features: Tensor, attention: Tensor) -> Tensor:
    """F' = F o (1/2 + A), both [B,width,28,28]."""
    return features * (0.5 + attention)


class PSNetAttention(nn.Module):
    """F [B,width,28,28] and M [B,32,28,28] -> A [B,width,28,28]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = max(1, width // 4)
        self.layers = nn.Sequential(
            nn.Conv2d(width + INFORMATION, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, width, 1),
        )

    def forward(self, features: Tensor, information: Tensor, heatmaps: Tensor) -> Tensor:
        """The heatmaps are not used."""
        return torch.sigmoid(self.layers(torch.cat([features, information], 1)))


class UNetAttention(nn.Module):
    """F [B,width,28,28] and heatmaps [B,K,S,S] -> A [B,width,28,28]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width + 1, 32, 1)
        self.down = nn.ModuleList(nn.Conv2d(*sizes, 4, stride=2, padding=1) for sizes in ((32, 64), (64, 128)))
        self.bottom = nn.Conv2d(128, 128, 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(*sizes, 4, stride=2, padding=1) for sizes in ((128, 64), (128, 32)))
        self.last = nn.Conv2d(64, width, 1)

    def forward(self, features: Tensor, information: Tensor, heatmaps: Tensor) -> Tensor:
        """M is not used."""
        highest = heatmaps.amax(1, keepdim=True)
        highest = functional.interpolate(highest, size=features.shape[-2:], mode="bilinear", align_corners=False)
        full = torch.relu(self.first(torch.cat([features, highest], 1)))
        half = torch.relu(self.down[0](full))
        y = torch.relu(self.bottom(torch.relu(self.down[1](half))))
        y = torch.cat([torch.relu(self.up[0](y)), half], 1)
        y = torch.cat([torch.relu(self.up[1](y)), full], 1)
        return torch.sigmoid(self.last(y))


KINDS: dict[str, type[PSNetAttention] | type[UNetAttention]] = {"psnet": PSNetAttention, "unet": UNetAttention}
