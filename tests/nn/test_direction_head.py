"""Which way up garments lie: directions and their loss."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("torchvision", reason="the extra `train` is not installed")

import torch

from seamline.nn.direction_head import BINS, DirectionHead, at_cells, direction_loss


def turns(*degrees: float) -> torch.Tensor:
    radians = torch.tensor(degrees) * math.pi / 180
    return torch.stack([torch.cos(radians), torch.sin(radians)], dim=-1)


def test_a_sure_head_points_that_way_and_an_unsure_one_nowhere() -> None:
    head = DirectionHead(8)
    sure = torch.full((1, BINS), -30.0)
    sure[0, 6] = 0.0
    torch.testing.assert_close(head.decide(sure), turns(90.0), atol=1e-5, rtol=0)
    assert head.decide(torch.zeros(1, BINS)).norm() < 1e-5


def test_of_two_opposite_guesses_the_likelier_prevails() -> None:
    guesses = torch.full((1, BINS), -30.0)
    guesses[0, 0], guesses[0, 12] = 1.0, 0.0
    vector = DirectionHead(8).decide(guesses)[0]
    assert vector[0] > 0.5
    assert abs(float(vector[1])) < 1e-4


def test_the_loss_is_least_at_the_true_turn_wherever_it_lies() -> None:
    for degrees in (0.0, 22.0, 90.0, -170.0):
        losses = []
        for k in range(BINS):
            away = (torch.arange(BINS) - k + BINS // 2) % BINS - BINS // 2
            losses.append(float(direction_loss(-(away[None].float() ** 2), turns(degrees))))
        best = min(range(BINS), key=losses.__getitem__) * 360 / BINS
        assert abs((best - degrees + 180) % 360 - 180) <= 180 / BINS + 1e-3


def test_nothing_to_learn_costs_nothing() -> None:
    assert direction_loss(torch.zeros(0, BINS), torch.zeros(0, 2)) == 0


def test_every_cell_has_the_direction_of_its_place_in_the_coarse_map() -> None:
    coarse = torch.arange(4.0).reshape(1, 1, 2, 2).expand(1, BINS, 2, 2)
    found = at_cells(coarse, (4, 2))[0, :, 0]
    assert found.tolist() == [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3, 0, 1, 2, 3]
