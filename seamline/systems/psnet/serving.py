"""PS-Net as the served interface has it: a map of a region vector's channels, and a head without the linear layer."""

from __future__ import annotations

from torch import Tensor, nn

from seamline.systems.psnet.network import PSNet


class ServedEncoder(nn.Module):
    """Crops uint8 [B,224,224,3] -> projected map [B,dimension,28,28] and landmarks [B,K,3]."""

    def __init__(self, network: PSNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        output = self.network(crops)
        return self.network.head.project(output.features), output.landmarks


class ServedHead(nn.Module):
    """Regions of the projected map [B,5,dimension,7,7] and visibility [B,5] -> unit vectors [B,5,dimension], zeros
    where visibility <= 0."""

    def __init__(self, network: PSNet) -> None:
        super().__init__()
        self.head = network.head

    def forward(self, regions: Tensor, visible: Tensor) -> Tensor:
        return self.head.finish(regions.mean((-2, -1)), visible)
