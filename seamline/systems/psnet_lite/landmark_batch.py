"""Batches of views with what the landmark branch shall find in them, and its loss.

Loss: cross-entropy between each heatmap, taken as a distribution over cells, and a Gaussian at the landmark, which
learns faster than PS-Net's squared error on nearly empty maps; plus presence of each landmark, plus the garment's
mask. Each label counts as much as it can be trusted.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from seamline.nn.backbone import LEVEL_STRIDES
from seamline.nn.landmarks import LandmarkMaps, gaussians
from seamline.training.augment import View
from seamline.training.crops import ABSENT, OCCLUDED, PLACED, PRESENT, UNSURE
from seamline.training.task import Batch

STRIDE = LEVEL_STRIDES[0]

_HIDDEN_PLACE = 0.5
"""How much the place of a hidden point counts."""


@dataclasses.dataclass(frozen=True)
class LandmarkBatch(Batch):
    """Tensors of one step: pixels [B,S,S,3], target [B,K,C*C], weight [B,K], present [B,K], sure [B,K], mask
    [B,1,C,C], mask_weight [B]."""

    pixels: Tensor
    target: Tensor
    weight: Tensor
    present: Tensor
    sure: Tensor
    mask: Tensor
    mask_weight: Tensor


def landmark_losses(maps: LandmarkMaps, batch: LandmarkBatch) -> dict[str, Tensor]:
    """Cross-entropies of places, presence and foreground."""
    scores = functional.log_softmax(maps.heatmaps.flatten(2), -1)
    place = -(batch.target * scores).sum(-1)
    presence = functional.binary_cross_entropy_with_logits(maps.presence, batch.present, reduction="none")
    mask = functional.binary_cross_entropy_with_logits(maps.foreground, batch.mask, reduction="none")
    return {
        "place": _mean(place, batch.weight),
        "presence": _mean(presence, batch.sure),
        "foreground": _mean(mask.mean((1, 2, 3)), batch.mask_weight),
    }


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp_min(1e-6)


def make_batch(
    views: list[View], trust: list[float], mask_trust: list[float], sigma: float, occluded: float = 0.6
) -> LandmarkBatch:
    """Targets of a step from its views; `occluded` as in PeopleViews."""
    side = len(views[0].pixels)
    cells = side // STRIDE
    points = torch.from_numpy(np.stack([view.points for view in views])) / STRIDE
    state = torch.from_numpy(np.stack([view.state for view in views]))
    present, hidden, placed = ((state == one).float() for one in (PRESENT, OCCLUDED, PLACED))
    told = (state != UNSURE) & (state != PLACED)
    believed = torch.tensor(trust, dtype=torch.float32)[:, None]
    mask = torch.from_numpy(np.stack([view.mask for view in views])).float()[:, None] / 255
    return LandmarkBatch(
        torch.from_numpy(np.stack([view.pixels for view in views])),
        gaussian(points, cells, sigma),
        (present + placed + _HIDDEN_PLACE * hidden) * believed,
        present + occluded * hidden,
        torch.where(state == ABSENT, 1.0, believed) * told.float(),
        functional.avg_pool2d(mask, STRIDE),
        torch.tensor(mask_trust, dtype=torch.float32),
    )


def gaussian(points: Tensor, cells: int, sigma: float) -> Tensor:
    """Points [B,K,2] in cells -> normalised Gaussians [B,K,cells*cells], row by row."""
    maps = gaussians(points, cells, sigma).flatten(2)
    return maps / maps.sum(-1, keepdim=True).clamp_min(1e-12)
