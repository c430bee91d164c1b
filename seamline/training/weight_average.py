"""The average of what a network was and what it has become."""

from __future__ import annotations

from collections.abc import Mapping

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
