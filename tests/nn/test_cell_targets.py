"""Which cells learn which garment."""

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("torchvision", reason="the extra `train` is not installed")

import torch

from seamline.nn.cell_targets import likeliest_labels, match_cells
from seamline.nn.detector import CELLS, SIDE, STRIDES, cells

PER_MAP = [(SIDE // stride) ** 2 for stride in STRIDES]
FINE, COARSE = range(1024), range(1280, 1344)


def shown_at_cells(shown: torch.Tensor) -> torch.Tensor:
    centres = ((cells()[:, :2] + cells()[:, 2:]) / 2).long()
    return shown[centres[:, 1], centres[:, 0]]


def learnt(boxes: list[tuple[float, float, float, float]], shown: torch.Tensor) -> list[set[int]]:
    """The cells that learn each box."""
    matched = match_cells(cells(), PER_MAP, 0.5, torch.tensor(boxes).reshape(-1, 4), shown_at_cells(shown))
    assert matched.shape == (CELLS,)
    return [set((matched == number).nonzero()[:, 0].tolist()) for number in range(len(boxes))]


def nothing() -> torch.Tensor:
    return torch.zeros(SIDE, SIDE, dtype=torch.int64)


@pytest.mark.parametrize(("side", "map_of_cells"), [(240.0, COARSE), (40.0, FINE)])
def test_large_garments_are_learnt_by_the_coarse_map_and_small_ones_by_the_fine_map(
    side: float, map_of_cells: range
) -> None:
    (found,) = learnt([(8.0, 8.0, 8.0 + side, 8.0 + side)], nothing())
    assert found
    assert found <= set(map_of_cells)


def test_without_garments_no_cell_learns() -> None:
    assert (match_cells(cells(), PER_MAP, 0.5, torch.zeros(0, 4), shown_at_cells(nothing())) == -1).all()


def test_where_nothing_tells_whose_cloth_it_is_the_smaller_garment_is_learnt() -> None:
    coat, shirt = learnt([(40.0, 30.0, 150.0, 140.0), (55.0, 45.0, 135.0, 125.0)], nothing())
    assert shirt
    assert not coat & shirt


def test_the_cells_on_an_open_coats_cloth_learn_the_coat() -> None:
    shown = nothing()
    shown[30:140, 40:150] = 1
    shown[45:125, 75:115] = 2
    coat, shirt = learnt([(40.0, 30.0, 150.0, 140.0), (55.0, 45.0, 135.0, 125.0)], shown)
    at = shown_at_cells(shown)
    assert sum(int(at[cell]) == 1 for cell in coat) >= 4
    assert sum(int(at[cell]) == 2 for cell in shirt) > len(shirt) / 2


def test_cloth_far_from_the_middle_learns_nothing() -> None:
    box, shown = (10.0, 60.0, 250.0, 196.0), nothing()
    (near,) = learnt([box], shown)
    shown[60:196, 10:250] = 1
    (found,) = learnt([box], shown)
    centres = (cells()[:, :2] + cells()[:, 2:]) / 2
    assert near < found
    assert all(abs(float(centres[cell, 0]) - 130) < 0.7 * 120 for cell in found)


def test_a_number_that_no_box_has_is_nobodys_cloth() -> None:
    shown = torch.full((SIDE, SIDE), 255)
    box = [(8.0, 8.0, 108.0, 108.0)]
    assert learnt(box, shown) == learnt(box, nothing())


def test_an_ambiguous_garment_is_what_its_cells_see_most_of() -> None:
    possible = torch.tensor([[True, True, False], [False, False, True], [True, True, False]])
    logits = torch.tensor([[0.0, -2.0, 9.0], [-1.0, 2.0, 0.0], [5.0, 0.0, 0.0], [7.0, -7.0, 0.0]])
    matched = torch.tensor([0, 0, 1, -1])
    assert likeliest_labels(possible, logits, matched).tolist() == [1, 2, 0]


def test_without_garments_there_are_no_labels() -> None:
    none = likeliest_labels(torch.zeros(0, 3, dtype=torch.bool), torch.zeros(2, 3), torch.tensor([-1, -1]))
    assert none.tolist() == []
