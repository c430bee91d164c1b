"""The two graphs of the shipped system out of `encoder.pt`, `region_head.pt` and `whole_head.pt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.exporting.checkpoints import loaded
from seamline.systems.base import ExportedNetwork
from seamline.systems.psnet.exported_networks import region_networks
from seamline.systems.psnet_lite.spec import GRID, PSNetLiteSpec

if TYPE_CHECKING:
    from torch import nn


def psnet_lite_networks(spec: PSNetLiteSpec) -> Sequence[ExportedNetwork]:
    """encoder and region_head."""
    return region_networks(spec, _load_encoder, _load_head, (GRID,))


def _load_encoder(folder: Path) -> nn.Module:
    from seamline.systems.psnet_lite.checkpoint import load_encoder

    return loaded(folder / "encoder.pt", "the encoder", load_encoder)


def _load_head(folder: Path) -> nn.Module:
    from seamline.systems.psnet_lite.checkpoint import load_region_head, load_whole_head
    from seamline.systems.psnet_lite.part_head import PartHead

    return PartHead(
        loaded(folder / "region_head.pt", "the region head", load_region_head),
        loaded(folder / "whole_head.pt", "the head of the whole garment", load_whole_head),
    )
