"""The head that is served: the five regions' vectors, and after them those of the garment as a whole."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seamline.systems.psnet_lite.region_head import RegionHead
from seamline.systems.psnet_lite.whole_head import WholeHead


class PartHead(nn.Module):
    """Regions [B,5,channels,P,P], visibility [B,5] and grid [B,C,3,2] -> unit vectors [B,7,dimension]; zeros where a
    region is not visible."""

    def __init__(self, regions: RegionHead, whole: WholeHead) -> None:
        super().__init__()
        self.regions, self.whole = regions, whole

    def forward(self, regions: Tensor, visible: Tensor, grid: Tensor) -> Tensor:
        return torch.cat([self.regions(regions, visible), self.whole(grid)], 1)
