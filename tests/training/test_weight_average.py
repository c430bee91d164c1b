"""Averages of weights: with those that a network started from, and of several trainings."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from seamline.training.weight_average import average, move_towards


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_weights_lie_between_start_and_end_and_whole_numbers_stay(share: float) -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    start = copy.deepcopy(network.state_dict())
    with torch.no_grad():
        network[0].weight.add_(1)
        network[1].running_mean.add_(10)
        network[1].num_batches_tracked.add_(7)
    move_towards(network, start, share)
    torch.testing.assert_close(network[0].weight, start["0.weight"] + (1 - share))
    torch.testing.assert_close(network[1].running_mean, start["1.running_mean"] + 10 * (1 - share))
    assert int(network[1].num_batches_tracked) == 7


def test_several_states_are_averaged_in_equal_parts_and_whole_numbers_are_the_first_one_s() -> None:
    states = [{"weight": torch.full((2,), value), "batches": torch.tensor(int(value))} for value in (1.0, 2.0, 6.0)]
    averaged = average(states)
    torch.testing.assert_close(averaged["weight"], torch.full((2,), 3.0))
    assert int(averaged["batches"]) == 1
    torch.testing.assert_close(states[0]["weight"], torch.ones(2))
