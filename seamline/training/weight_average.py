"""Averages of the weights of trainings that began alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


@torch.no_grad()
def move_towards(network: nn.Module, start: Mapping[str, Tensor], share: float) -> None:
    """Give the network's floating-point weights and buffers `share` (0..1) of those of `start`, its former state_dict.

    Between the ends lie networks that do well on what either does well on (Wortsman et al., Robust fine-tuning of
    zero-shot models, CVPR 2022).
    """
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            tensor.lerp_(start[name].to(tensor), share)


def average(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the floating-point weights and buffers of state_dicts with the same names; the rest is the first's.

    A network of the means of trainings that go on from the same weights generalises better than each of them (Wortsman
    et al., Model soups, ICML 2022).
    """
    return {
        name: torch.stack([state[name] for state in states]).mean(0) if tensor.is_floating_point() else tensor
        for name, tensor in states[0].items()
    }
