"""Losses of parts against hand calculations; redesigned regions are negatives, unclear ones take no part."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import normalize

from seamline.losses.part_loss import (
    NAMES,
    PartLoss,
    PartLossSettings,
    in_original_order,
    part_labels,
)
from seamline.training.views import CHANGED, KEPT, UNCLEAR

MIRROR = (0, 1, 2, 4, 3)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Random triplets and centres do not depend on the tests before."""
    torch.manual_seed(0)


def at(*degrees: float) -> torch.Tensor:
    """Unit vectors [B,1,2] of these directions, the same in a single region."""
    radians = torch.tensor(degrees) * math.pi / 180
    return torch.stack([radians.cos(), radians.sin()], -1)[:, None]


def in_first_region(vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors [B,1,2] as the first of five regions, the others absent: vectors [B,5,2] and visible [B,5]."""
    absent = torch.zeros(len(vectors), 4, 2)
    visible = torch.tensor([1.0, 0, 0, 0, 0]).expand(len(vectors), 5)
    return torch.cat([vectors, absent], 1), visible


def kept(count: int) -> torch.Tensor:
    return torch.full((count, 5), KEPT)


def random_batch(garments: int = 4, each: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    count = garments * each
    vectors = normalize(torch.randn(count, 5, 16, generator=torch.Generator().manual_seed(0)), dim=-1)
    return vectors, torch.arange(garments).repeat_interleave(each), kept(count), torch.ones(count, 5)


def loss_of(name: str, settings: PartLossSettings | None = None, dimension: int = 2) -> PartLoss:
    torch.manual_seed(0)
    return PartLoss(name, 5, settings, garments=8 if name == "arcface" else 0, dimension=dimension)


def test_labels_are_the_garment_s_where_kept_and_nobody_else_s_where_changed() -> None:
    garment = torch.tensor([3, 3])
    change = torch.tensor([[KEPT, CHANGED, UNCLEAR, KEPT, CHANGED], [KEPT, CHANGED, KEPT, KEPT, KEPT]])
    visible = torch.tensor([[1.0, 1, 1, 0, 1], [0.3, 1, 1, 1, 1]])
    labels = part_labels(garment, change, visible, 100)
    assert labels.tolist() == [[3, 101, -1, -1, 104], [3, 106, 3, 3, 3]]


def test_triplets_sum_the_margin_s_violations_as_in_the_paper() -> None:
    vectors, visible = in_first_region(at(0, 40, 60, 90))  # a, a, b, b
    found = loss_of("triplet")(vectors, torch.tensor([0, 0, 1, 1]), kept(4), visible)

    def violation(positive: float, *negatives: float) -> list[float]:
        cosines = [math.cos(math.radians(angle)) for angle in (positive, *negatives)]
        return [max(negative - cosines[0] + 0.2, 0) for negative in cosines[1:]]

    anchors = [violation(40, 60, 90), violation(40, 20, 50), violation(30, 60, 20), violation(30, 90, 50)]
    possible = {sum(choice) / 4 for choice in _choices(anchors)}
    assert min(abs(found.item() - value) for value in possible) < 1e-6


def _choices(anchors: list[list[float]]) -> list[tuple[float, ...]]:
    choices: list[tuple[float, ...]] = [()]
    for anchor in anchors:
        choices = [(*choice, value) for choice in choices for value in anchor]
    return choices


def test_regions_add_up() -> None:
    one, visible = in_first_region(at(0, 40, 60))
    garment = torch.tensor([0, 0, 1])
    loss = loss_of("triplet")  # a single negative for each anchor: nothing is random
    first = loss(one, garment, kept(3), visible)
    five = loss(one[:, :1].expand(3, 5, 2), garment, kept(3), torch.ones(3, 5))
    assert first > 0
    assert five.item() == pytest.approx(5 * first.item(), rel=1e-5)


def test_supervised_contrast_is_the_cross_entropy_of_finding_the_partner() -> None:
    vectors, visible = in_first_region(at(0, 40, 60))
    found = loss_of("supcon", PartLossSettings(temperature=0.5))(vectors, torch.tensor([0, 0, 1]), kept(3), visible)
    near, far, between = (math.exp(math.cos(math.radians(angle)) / 0.5) for angle in (40, 60, 20))
    wanted = (-math.log(near / (near + far)) - math.log(near / (near + between))) / 2
    assert found.item() == pytest.approx(wanted, rel=1e-5)


def test_multi_similarity_by_hand() -> None:
    vectors, visible = in_first_region(at(0, 40, 60, 100))
    found = loss_of("multi-similarity")(vectors, torch.tensor([0, 0, 1, 1]), kept(4), visible)

    def anchor(positive: float, negative: float) -> float:
        p, n = (math.cos(math.radians(angle)) for angle in (positive, negative))
        return math.log1p(math.exp(-2 * (p - 0.5))) / 2 + math.log1p(math.exp(50 * (n - 0.5))) / 50

    # The miner keeps pairs that come within 0.1 of the other kind's hardest: those of the two anchors in the middle.
    assert found.item() == pytest.approx(2 * anchor(40, 20) / 4, rel=1e-4)


def test_arcface_adds_its_angle_to_the_right_centre_only() -> None:
    loss = PartLoss("arcface", 5, PartLossSettings(scale=2.0, angle=0.5), garments=2, dimension=2)
    with torch.no_grad():
        loss.parts[0].loss.W.copy_(torch.eye(2))  # type: ignore[union-attr, operator]
    vectors, visible = in_first_region(at(30))
    found = loss(vectors, torch.tensor([0]), kept(1), visible)
    right, wrong = 2 * math.cos(math.radians(30) + 0.5), 2 * math.cos(math.radians(60))
    assert found.item() == pytest.approx(math.log(math.exp(right) + math.exp(wrong)) - right, rel=1e-4)


def test_arcface_pushes_a_redesigned_region_off_its_garment_s_centre() -> None:
    loss = PartLoss("arcface", 5, PartLossSettings(scale=2.0), garments=2, dimension=2)
    with torch.no_grad():
        loss.parts[0].loss.W.copy_(torch.eye(2))  # type: ignore[union-attr, operator]
    vectors, visible = in_first_region(at(30))
    found = loss(vectors, torch.tensor([0]), torch.full((1, 5), CHANGED), visible)
    own, other = 2 * math.cos(math.radians(30)), 2 * math.cos(math.radians(60))
    assert found.item() == pytest.approx(math.log(1 + math.exp(own - other)), rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_redesigned_region_is_pushed_away_from_its_original_harder_than_any_kept_one(name: str) -> None:
    vectors, garment, change, visible = random_batch(garments=2)
    vectors[1:3] = normalize(vectors[0] + 0.5 * vectors[1:3], dim=-1)  # copies, like their original
    vectors[3:] = -vectors[:3]  # the other garment is as far away as can be
    change[1, 0] = CHANGED
    vectors.requires_grad_()
    loss = loss_of(name, dimension=16)
    if name == "arcface":
        for part in loss.parts:
            part.loss.W.data[:, 0] = vectors[0, 0].detach()  # type: ignore[union-attr, index]
    for _ in range(20 if name == "triplet" else 1):  # random triplets are to meet the pair
        loss(vectors, garment, change, visible).backward()
    assert vectors.grad is not None
    towards = -(vectors.grad[1] * vectors[0]).sum(-1)  # a step along minus the gradient
    assert towards[0] < 0
    assert towards[0] < towards[1:].min()


@pytest.mark.parametrize("name", NAMES)
def test_unclear_and_absent_regions_take_no_part(name: str) -> None:
    vectors, garment, change, visible = random_batch()
    change[2, 1], visible[3, 2] = UNCLEAR, 0
    vectors.requires_grad_()
    loss_of(name, dimension=16)(vectors, garment, change, visible).backward()
    assert vectors.grad is not None
    assert not vectors.grad[2, 1].any()
    assert not vectors.grad[3, 2].any()
    assert vectors.grad.any()


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_without_any_region_costs_nothing_and_still_has_a_gradient(name: str) -> None:
    vectors, garment, change, _ = random_batch()
    vectors.requires_grad_()
    loss = loss_of(name, dimension=16)(vectors, garment, change, torch.zeros(12, 5))
    loss.backward()
    assert loss.item() == 0


@pytest.mark.parametrize("name", NAMES)
def test_descent_brings_garments_together(name: str) -> None:
    vectors, garment, change, visible = random_batch()
    free = vectors.clone().requires_grad_()
    loss = loss_of(name, dimension=16)
    optimiser = torch.optim.Adam([free, *loss.parameters()], 0.05)
    for _ in range(30):
        optimiser.zero_grad()
        loss(normalize(free, dim=-1), garment, change, visible).backward()
        optimiser.step()

    def contrast(values: torch.Tensor) -> float:
        cosine = torch.einsum("ird,jrd->ijr", values, values).mean(-1)
        same = garment[:, None] == garment
        return float(cosine[same].mean() - cosine[~same].mean())

    assert contrast(normalize(free.detach(), dim=-1)) > contrast(vectors) + 0.2


def test_memory_brings_earlier_batches_in_and_a_resumed_run_goes_on_alike() -> None:
    vectors, garment, change, visible = random_batch()
    settings = PartLossSettings(memory=16)
    first, alone = loss_of("supcon", settings, 16), loss_of("supcon", None, 16)
    first(vectors, garment, change, visible)
    resumed = loss_of("supcon", settings, 16)
    resumed.load_state_dict(first.state_dict())
    later = vectors.roll(3, 0)
    values = [loss(later, garment, change, visible).item() for loss in (first, resumed, alone)]
    assert values[0] == values[1] != values[2]


def test_random_triplets_follow_the_seed() -> None:
    batch = random_batch()
    values = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        values.append(PartLoss("triplet", 5)(*batch).item())
    assert values[0] == values[1] != values[2]


@pytest.mark.parametrize(
    ("name", "settings", "garments", "reason"),
    [
        ("contrastive", None, 0, "must be one of triplet, supcon"),
        ("arcface", None, 0, "number of garments"),
        ("arcface", PartLossSettings(memory=8), 4, "no memory"),
    ],
)
def test_losses_that_cannot_be_are_refused(
    name: str, settings: PartLossSettings | None, garments: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        PartLoss(name, 5, settings, garments)


def test_ids_and_batches_beyond_what_was_announced_are_refused() -> None:
    vectors, garment, change, visible = random_batch()
    with pytest.raises(ValueError, match="for 2 garments, but got the id 3"):
        PartLoss("arcface", 5, garments=2, dimension=16)(vectors, garment, change, visible)
    with pytest.raises(ValueError, match="memory of 8 cannot hold a batch of 12"):
        PartLoss("supcon", 5, PartLossSettings(memory=8), dimension=16)(vectors, garment, change, visible)


def test_mirrored_rows_exchange_their_sleeves() -> None:
    values = torch.arange(10).view(2, 5)
    assert in_original_order(values, torch.tensor([True, False]), MIRROR).tolist() == [[0, 1, 2, 4, 3], [5, 6, 7, 8, 9]]
    vectors = torch.rand(2, 5, 3)
    assert torch.equal(in_original_order(vectors, torch.tensor([False, True]), MIRROR)[1, 3], vectors[1, 4])


@pytest.mark.parametrize("name", NAMES)
def test_a_garment_of_one_part_is_a_case_like_any_other(name: str) -> None:
    vectors, garment, change, visible = random_batch()
    loss = PartLoss(name, 1, garments=4 if name == "arcface" else 0, dimension=16)
    torch.manual_seed(0)
    value = loss(vectors[:, :1], garment, change[:, :1], visible[:, :1])
    assert float(value.detach()) > 0
    assert torch.equal(
        in_original_order(vectors[:, :1], torch.ones(len(vectors), dtype=torch.bool), (0,)), vectors[:, :1]
    )
