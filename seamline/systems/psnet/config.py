"""The options of PS-Net. The defaults are the paper's network, but for the backbone."""

from __future__ import annotations

import dataclasses

from seamline.core.spec import LANDMARKS
from seamline.systems.psnet.spec import EncoderSpec

STRIDE = 8
"""Crop pixels per cell of the map F: 28 x 28 cells for a crop of 224 pixels."""

HEATMAP_SIDES = (224, 112, 56)
DECODINGS = ("argmax", "soft-argmax")
ATTENTIONS = ("psnet", "unet", "none")


@dataclasses.dataclass(frozen=True)
class PSNetConfig:
    """Raises ValueError for a value that no network can be built from.

    `landmarks`: number of heatmaps. `backbone`: timm's name; the paper's is hrnet_w32. `width`: channels of F, 1024 in
    the paper. `dimension` of a region's vector, a choice of ours.

    Deviations from the paper: `shared_backbone` (one for both branches), `heatmap_side` below 224 for a crop of 224
    pixels, `decode` "soft-argmax" (centre of mass about the peak instead of a quarter of a cell towards the higher
    neighbour, as HRNet does), `attention` "unet" (from the maximum of the heatmaps; Liu and Lu, ECCV-W 2018) or "none".
    """

    landmarks: int = len(LANDMARKS)
    backbone: str = "tf_efficientnet_lite0"
    shared_backbone: bool = False
    heatmap_side: int = 224
    decode: str = "argmax"
    attention: str = "psnet"
    width: int = 1024
    dimension: int = 128

    def __post_init__(self) -> None:
        _one_of("heatmap_side", self.heatmap_side, HEATMAP_SIDES)
        _one_of("decode", self.decode, DECODINGS)
        _one_of("attention", self.attention, ATTENTIONS)
        for name in ("landmarks", "width", "dimension"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


def _one_of(name: str, value: object, known: tuple[object, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(str, known))}, not {value}")


def encoder_spec(config: PSNetConfig) -> EncoderSpec:
    """What spec.json must say of the exported networks: the served map has a region vector's channels."""
    return EncoderSpec(channels=config.dimension, dimension=config.dimension)
