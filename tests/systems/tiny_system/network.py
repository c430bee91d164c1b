"""The network: crops in, one vector of unit length out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from seamline.nn.checkpoint import load_state, restored


@dataclasses.dataclass(frozen=True)
class TinyConfig:
    """Channels of the first layer, and numbers of the vector."""

    width: int = 8
    dimension: int = 16


class TinyNetwork(nn.Module):
    """uint8 crops [B,S,S,3] RGB -> unit vectors [B,1,dimension]."""

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 7, 4, 3), nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU(),
            nn.Conv2d(2 * width, 4 * width, 3, 2, 1), nn.ReLU(),
        )  # fmt: skip
        self.last = nn.Linear(4 * width, config.dimension)

    def forward(self, crops: Tensor) -> Tensor:
        x = crops.permute(0, 3, 1, 2).to(torch.float32) / 255 - 0.5
        vector = self.last(self.layers(x).mean((2, 3)))
        return functional.normalize(vector, dim=-1)[:, None]


def load_tiny(path: Path) -> TinyNetwork:
    """The network of a file that training wrote."""
    state = load_state(path)
    return restored(TinyNetwork(TinyConfig(**state["config"])), state)
