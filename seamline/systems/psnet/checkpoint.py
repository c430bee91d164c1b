"""PS-Net from the file that training writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from seamline.nn.checkpoint import load_state, restored
from seamline.systems.psnet.config import PSNetConfig
from seamline.systems.psnet.network import PSNet


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
