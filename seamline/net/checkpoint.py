"""Networks on disk: one file holds the configuration and the weights, so that it can be loaded without knowing
either."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from seamline.net.encoder import Encoder, EncoderConfig
from seamline.net.landmarks import LandmarkBranch, LandmarkConfig
from seamline.net.region_head import RegionHead, RegionHeadConfig

Network = TypeVar("Network", bound=nn.Module)


def save(network: Encoder | LandmarkBranch | RegionHead, path: Path) -> None:
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


def _restore(network: Network, state: dict[str, Any]) -> Network:
    network.load_state_dict(state["weights"])
    return network.eval()
