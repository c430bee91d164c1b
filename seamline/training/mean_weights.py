"""The running mean of a network's weights (Polyak averaging), which is often better than the last weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class MeanWeights:
    """Mean of all floating-point weights and buffers; a young mean follows the weights closely."""

    def __init__(self, network: nn.Module, keep: float) -> None:
        self._keep = keep
        self._live: dict[str, Tensor] = {
            name: tensor
            for name, tensor in network.state_dict().items()
            if isinstance(tensor, Tensor) and tensor.is_floating_point()
        }
        self._mean = {name: tensor.clone() for name, tensor in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after step number `step`."""
        share = 1 - min(self._keep, (1 + step) / (10 + step))
        for name, tensor in self._live.items():
            self._mean[name].lerp_(tensor, share)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the mean while this lasts."""
        kept = {name: tensor.clone() for name, tensor in self._live.items()}
        self._put(self._mean)
        try:
            yield
        finally:
            self._put(kept)

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, tensor in self._live.items():
            tensor.copy_(values[name])

    def state(self) -> dict[str, Tensor]:
        """The mean by name."""
        return self._mean

    @torch.no_grad()
    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave."""
        for name, tensor in self._mean.items():
            tensor.copy_(state[name])
