"""The two graphs of the shipped system out of `encoder.pt` and `region_head.pt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.spec import Spec
from seamline.exporting.checkpoints import loaded
from seamline.systems.base import ExportedNetwork
from seamline.systems.psnet.exported_networks import region_networks

if TYPE_CHECKING:
    from torch import nn


def psnet_lite_networks(spec: Spec) -> Sequence[ExportedNetwork]:
    """encoder and region_head."""
    return region_networks(spec, _load_encoder, _load_head)


def _load_encoder(folder: Path) -> nn.Module:
    from seamline.systems.psnet_lite.checkpoint import load_encoder

    return loaded(folder / "encoder.pt", "the encoder", load_encoder)


def _load_head(folder: Path) -> nn.Module:
    from seamline.systems.psnet_lite.checkpoint import load_region_head

    return loaded(folder / "region_head.pt", "the region head", load_region_head)
