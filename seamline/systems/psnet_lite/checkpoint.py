"""Encoder, landmark branch and heads from the files that training writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seamline.nn.checkpoint import load_state, restored
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.whole_head import WholeHead, WholeHeadConfig

_WHOLE = "whole."


def load_encoder(path: Path) -> Encoder:
    """An encoder in evaluation mode. One that was written before encoders had ImageNet's last level gets it."""
    state = load_state(path)
    config = dict(state["config"])
    encoder = Encoder(EncoderConfig(_landmark_config(config.pop("landmarks")), **config))
    if not any(name.startswith(_WHOLE) for name in state["weights"]):
        encoder.whole.take_imagenet()
        whole = {_WHOLE + name: tensor for name, tensor in encoder.whole.state_dict().items()}
        state = {**state, "weights": {**whole, **state["weights"]}}
    return restored(encoder, state)


def load_landmarks(path: Path) -> LandmarkBranch:
    """A landmark branch in evaluation mode."""
    state = load_state(path)
    return restored(LandmarkBranch(_landmark_config(state["config"])), state)


def _landmark_config(values: dict[str, Any]) -> LandmarkConfig:
    first, second, third, fourth = values["widths"]
    return LandmarkConfig(**{**values, "widths": (first, second, third, fourth)})


def load_region_head(path: Path) -> RegionHead:
    """A region head in evaluation mode."""
    state = load_state(path)
    return restored(RegionHead(RegionHeadConfig(**state["config"])), state)


def load_whole_head(path: Path) -> WholeHead:
    """The head of the garment's own vector in evaluation mode."""
    state = load_state(path)
    return restored(WholeHead(WholeHeadConfig(**state["config"])), state)
