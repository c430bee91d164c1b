"""Which cell of the detector's maps learns which garment.

FCOS (Tian et al., ICCV 2019) lets the cells near a box's centre learn it, and of several boxes the smallest. Garments
that are worn over each other share a centre, so the open coat would learn nothing. Where pixels say whose cloth a cell
shows, the cell learns that garment.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

CENTRE_RADIUS = 2.0
"""Cells within this many strides of a box's centre may learn the box."""

_OWN_REACH = 0.7
"""Cells on the garment's own cloth may too, up to this share of the way from the centre to a side."""

_LEAST, _MOST = 4.0, 8.0
"""Units from which and up to which a map's cells reach to the farthest side of their box."""


def match_cells(cells: Tensor, per_map: Sequence[int], unit: float, boxes: Tensor, shown: Tensor) -> Tensor:
    """Which box each cell learns, int64 [N], -1 for none.

    `cells` [N,4]: the box of one unit about each cell, `unit` strides wide, finest map first with `per_map` cells each.
    `boxes` [n,4]. `shown` int64 [N]: the number, from 1, of the box whose garment the cell's middle shows, anything
    else for none.
    """
    if not len(boxes):
        return torch.full((len(cells),), -1, dtype=torch.int64, device=cells.device)
    sizes = cells[:, 2] - cells[:, 0]
    at = (cells[:, None, :2] + cells[:, None, 2:]) / 2
    reach = torch.cat([at - boxes[:, :2], boxes[:, 2:] - at], dim=-1)  # [N,n,4]: left, top, right, bottom
    offset = (at - (boxes[:, :2] + boxes[:, 2:]) / 2).abs()
    own = shown[:, None] == torch.arange(1, len(boxes) + 1, device=cells.device)
    near = offset.amax(-1) < sizes[:, None] * (CENTRE_RADIUS / unit)
    central = (offset / ((boxes[:, 2:] - boxes[:, :2]) / 2)).amax(-1) < _OWN_REACH
    farthest, least, most = reach.amax(-1), *_ranges(sizes, per_map)
    allowed = (reach.amin(-1) > 0) & (farthest > least) & (farthest < most) & (near | (own & central))
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(-1).expand_as(own).masked_fill(own, 0.0)
    smallest, matched = areas.masked_fill(~allowed, torch.inf).min(dim=1)
    return matched.masked_fill(smallest == torch.inf, -1)


def likeliest_labels(possible: Tensor, logits: Tensor, matched: Tensor) -> Tensor:
    """The category of each garment, int64 [n]: of those that are `possible` bool [n,C] the one that the network sees
    most of, by its logits [N,C] at the cells that learn the garment (`matched` int64 [N], -1 for none).

    So an ambiguous label is learnt as what the network, by the others, takes for the likeliest (Jin and Ghahramani,
    NeurIPS 2002).
    """
    learnt = matched >= 0
    seen = torch.zeros(possible.shape, device=logits.device).index_add_(0, matched[learnt], logits[learnt].float())
    return seen.masked_fill(~possible, -torch.inf).argmax(1)


def _ranges(sizes: Tensor, per_map: Sequence[int]) -> tuple[Tensor, Tensor]:
    """How far each cell's box may reach, [N,1] both; the finest map has no least reach, the coarsest no most."""
    least, most = sizes * _LEAST, sizes * _MOST
    least[: per_map[0]] = 0.0
    most[-per_map[-1] :] = torch.inf
    return least[:, None], most[:, None]
