"""Networks on disk: one file holds the configuration and the weights, so that it can be loaded without knowing
either."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig

if TYPE_CHECKING:
    from seamline.systems.psnet.network import PSNet

Network = TypeVar("Network", bound=nn.Module)


def save(network: Encoder | LandmarkBranch | RegionHead | PSNet, path: Path) -> None:
    """Write configuration and weights, atomically."""
    save_state({"config": dataclasses.asdict(network.config), "weights": network.state_dict()}, path)


def save_state(state: dict[str, Any], path: Path) -> None:
    """Write a dictionary of plain values and tensors, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    torch.save(state, beside)
    os.replace(beside, path)


def load_state(path: Path) -> dict[str, Any]:
    """Read what `save_state` wrote; no code in the file is run."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def load_encoder(path: Path) -> Encoder:
    """An encoder in evaluation mode."""
    state = load_state(path)
    config = dict(state["config"])
    landmarks = _landmark_config(config.pop("landmarks"))
    return _restore(Encoder(EncoderConfig(landmarks, **config)), state)


def load_landmarks(path: Path) -> LandmarkBranch:
    """A landmark branch in evaluation mode."""
    state = load_state(path)
    return _restore(LandmarkBranch(_landmark_config(state["config"])), state)


def _landmark_config(values: dict[str, Any]) -> LandmarkConfig:
    first, second, third, fourth = values["widths"]
    return LandmarkConfig(**{**values, "widths": (first, second, third, fourth)})


def load_region_head(path: Path) -> RegionHead:
    """A region head in evaluation mode."""
    state = load_state(path)
    return _restore(RegionHead(RegionHeadConfig(**state["config"])), state)


def load_psnet(path: Path) -> PSNet:
    """A PS-Net in evaluation mode. Raises ValueError for a file that is not one, naming the first tensor that does not
    fit its configuration."""
    from seamline.systems.psnet.config import PSNetConfig  # needs timm, which the other networks do without
    from seamline.systems.psnet.network import PSNet

    state = load_state(path)
    try:
        config = PSNetConfig(**state["config"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a checkpoint of PS-Net: {error}") from error
    network = PSNet(config)
    _check_fits(network, state["weights"], path)
    return _restore(network, state)


def _check_fits(network: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in (*wanted, *found):
        if found.get(name) != wanted.get(name):
            has, needs = (found.get(name, "missing"), wanted.get(name, "not part of the network"))
            raise ValueError(f"{path} does not fit its configuration: {name} is {has}, should be {needs}")


def _restore(network: Network, state: dict[str, Any]) -> Network:
    network.load_state_dict(state["weights"])
    return network.eval()
