"""Whose cloth each pixel shows."""

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")

import torch

from seamline.nn.segmentation_head import PERSON, UNKNOWN, SegmentationHead, segmentation_loss, wanted_classes

SHOWN = torch.tensor([[0, 1], [2, PERSON]])


def test_garments_become_their_categories_and_people_the_last_class() -> None:
    assert wanted_classes(SHOWN, torch.tensor([12, 3]), 13).tolist() == [[0, 13], [4, 14]]


def test_what_is_unknown_costs_nothing() -> None:
    logits = torch.zeros(1, 15, 2, 2)
    known = segmentation_loss(logits, wanted_classes(torch.tensor([[1, 1], [1, 1]]), torch.tensor([5]), 13)[None])
    half = segmentation_loss(logits, wanted_classes(torch.tensor([[1, UNKNOWN], [1, 1]]), torch.tensor([5]), 13)[None])
    none = segmentation_loss(logits, wanted_classes(torch.full((2, 2), UNKNOWN), torch.tensor([5]), 13)[None])
    assert known == pytest.approx(float(half))
    assert none == 0


def test_the_head_learns_which_class_a_pixel_shows() -> None:
    torch.manual_seed(0)
    head = SegmentationHead(8, 13)
    finest, wanted = torch.randn(1, 8, 2, 2), wanted_classes(SHOWN, torch.tensor([12, 3]), 13)[None]
    optimiser = torch.optim.Adam(head.parameters(), 0.05)
    for _ in range(60):
        optimiser.zero_grad()
        segmentation_loss(head(finest), wanted).backward()
        optimiser.step()
    assert torch.equal(head(finest).argmax(1), wanted)
