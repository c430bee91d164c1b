"""The exponential moving average of a network's weights, which is often better than the last weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class EMA:
    """Average of all floating-point weights and buffers; a young average follows the weights closely."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self._live: dict[str, Tensor] = {
            name: tensor
            for name, tensor in network.state_dict().items()
            if isinstance(tensor, Tensor) and tensor.is_floating_point()
        }
        self._average = {name: tensor.clone() for name, tensor in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after step number `step`."""
        weight = 1 - min(self._decay, (1 + step) / (10 + step))
        for name, tensor in self._live.items():
            self._average[name].lerp_(tensor, weight)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the average while this lasts."""
        live = {name: tensor.clone() for name, tensor in self._live.items()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(live)

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, tensor in self._live.items():
            tensor.copy_(values[name])

    def state(self) -> dict[str, Tensor]:
        """The average by name."""
        return self._average

    @torch.no_grad()
    def load_state(self, state: dict[str, Tensor]) -> None:
        """Restore what `state` gave."""
        for name, tensor in self._average.items():
            tensor.copy_(state[name])
