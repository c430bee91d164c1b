"""Networks on disk: one file holds the configuration and the weights, so that it can be loaded without knowing
either."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def save(network: nn.Module, path: Path) -> None:
    """Write the weights and `network.config`, a dataclass, atomically."""
    config: Any = network.config
    save_state({"config": dataclasses.asdict(config), "weights": network.state_dict()}, path)


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


def restored(network: Network, state: dict[str, Any]) -> Network:
    """The network with the weights of what `save` wrote, in evaluation mode."""
    network.load_state_dict(state["weights"])
    return network.eval()
