"""The two branches and the attention between them: in training, as the served interface has them, and from the file
that training writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seamline.nn.backbone import resample
from seamline.nn.checkpoint import load_state, restored
from seamline.nn.timm_backbone import STRIDES, TimmBackbone, load_weights
from seamline.systems.psnet.attention import KINDS, attended
from seamline.systems.psnet.config import STRIDE, PSNetConfig
from seamline.systems.psnet.head import PSNetHead
from seamline.systems.psnet.landmarks import LandmarkDecoder, decode


class PSNetOutput(NamedTuple):
    """features: the attended map F' [B,width,28,28]; landmarks [B,K,3]: x, y in crop pixels and confidence 0..1;
    heatmaps [B,K,S,S]."""

    features: Tensor
    landmarks: Tensor
    heatmaps: Tensor


class FeatureMap(nn.Module):
    """The backbone's levels, resampled to stride 8 and side by side -> F [B,width,28,28]."""

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(sum(channels), width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())

    def forward(self, levels: tuple[Tensor, ...]) -> Tensor:
        level_at = [resample(level, stride / STRIDE) for level, stride in zip(levels, STRIDES, strict=True)]
        features: Tensor = self.layers(torch.cat(level_at, 1))
        return features


class PSNet(nn.Module):
    """uint8 crops [B,224,224,3] RGB -> PSNetOutput; `head` turns its map and region boxes into vectors.

    Retrieval's gradients stop where M enters the attention, so that they never reach the landmark branch (except for
    a shared backbone). Points carry no gradient. Raises ValueError for an unknown backbone.
    """

    def __init__(self, config: PSNetConfig) -> None:
        super().__init__()
        self.config = config
        self.landmark_backbone = TimmBackbone(config.backbone)
        self.retrieval_backbone = None if config.shared_backbone else TimmBackbone(config.backbone)
        channels = self.landmark_backbone.channels
        self.landmark_map = FeatureMap(channels, config.width)
        self.landmark_decoder = LandmarkDecoder(config.width, config.landmarks, config.heatmap_side)
        self.retrieval_map = FeatureMap(channels, config.width)
        self.attention = None if config.attention == "none" else KINDS[config.attention](config.width)
        self.head = PSNetHead(config.width, config.dimension)

    def forward(self, crops: Tensor) -> PSNetOutput:
        x = self.landmark_backbone.normalise(crops)
        levels = self.landmark_backbone(x)
        heatmaps, information = self.landmark_decoder(self.landmark_map(levels))
        features = self.retrieval_map(self.retrieval_backbone(x) if self.retrieval_backbone is not None else levels)
        if self.attention is not None:
            features = attended(features, self.attention(features, information.detach(), heatmaps.detach()))
        cell = crops.shape[1] / heatmaps.shape[-1]
        return PSNetOutput(features, decode(heatmaps.detach(), self.config.decode, cell), heatmaps)

    def load_backbones(self, weights: str) -> None:
        """Start both backbones from "imagenet", "random" or a file; see `load_weights` for what is refused."""
        for backbone in (self.landmark_backbone, self.retrieval_backbone):
            if backbone is not None:
                load_weights(backbone, weights)

    @property
    def landmark_parts(self) -> tuple[nn.Module, ...]:
        """The landmark branch."""
        return self.landmark_backbone, self.landmark_map, self.landmark_decoder

    def landmark_parameters(self) -> list[nn.Parameter]:
        """What the landmark loss trains; a shared backbone belongs here."""
        return [parameter for part in self.landmark_parts for parameter in part.parameters()]

    def retrieval_parameters(self) -> list[nn.Parameter]:
        """Everything else."""
        landmark = {id(parameter) for parameter in self.landmark_parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in landmark]


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


def load_psnet(path: Path) -> PSNet:
    """A PS-Net in evaluation mode. Raises ValueError for a file that is not one, naming the first tensor that does not
    fit its configuration."""
    state = load_state(path)
    try:
        config = PSNetConfig(**state["config"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a checkpoint of PS-Net: {error}") from error
    network = PSNet(config)
    _check_fits(network, state["weights"], path)
    return restored(network, state)


def _check_fits(network: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in (*wanted, *found):
        if found.get(name) != wanted.get(name):
            has, needs = (found.get(name, "missing"), wanted.get(name, "not part of the network"))
            raise ValueError(f"{path} does not fit its configuration: {name} is {has}, should be {needs}")
