"""The batches of PS-Net's training: some garments, each with several views."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seamline.core.spec import CATEGORIES
from seamline.systems.psnet.perturbed_views import landmark_view
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes
from seamline.training.crops import CropStore
from seamline.training.garment_views import GarmentSampler, GarmentView
from seamline.training.task import Batch


@dataclasses.dataclass(frozen=True)
class GarmentBatch(Batch):
    """pixels uint8 [B,S,S,3]; garment [B]; points [B,K,3] and known [B,K] as GarmentView has them; boxes [B,5,4] and
    visible [B,5] of labelled landmarks, and labelled [B], whether there are such; change [B,5] of the original's
    regions; mirrored [B]; categories, B names."""

    pixels: Tensor
    garment: Tensor
    points: Tensor
    known: Tensor
    boxes: Tensor
    visible: Tensor
    labelled: Tensor
    change: Tensor
    mirrored: Tensor
    categories: tuple[str, ...]


def make_batch(views: Sequence[GarmentView], garments: Sequence[int]) -> GarmentBatch:
    """The batch of these views of these garments."""
    names = tuple(CATEGORIES[view.category] for view in views)
    found = [region_boxes(view.points, name, DEFAULT_SPEC) for view, name in zip(views, names, strict=True)]
    return GarmentBatch(
        _stacked([view.pixels for view in views]),
        torch.tensor(garments),
        _stacked([view.points for view in views]),
        _stacked([view.known for view in views]),
        _stacked([boxes for boxes, _ in found]),
        _stacked([visible for _, visible in found]),
        torch.tensor([bool((view.points[:, 2] > 0).any()) for view in views]),
        _stacked([view.change for view in views]),
        torch.tensor([view.mirrored for view in views]),
        names,
    )


def _stacked(arrays: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))


class BatchSampler:
    """The batch of every step: garments with their views, then `landmark_views` crops of `landmarks` that teach
    landmarks only."""

    def __init__(self, garments: GarmentSampler, landmarks: CropStore, landmark_views: int) -> None:
        self._garments = garments
        self._landmarks, self._landmark_views = landmarks, landmark_views

    def __call__(self, step: int) -> GarmentBatch:
        """The batch of a step; the same for the same seed and step."""
        garments, views = self._garments(step)
        random = self._garments.random(step, len(self._garments.chosen(step)))
        for crop in random.integers(len(self._landmarks), size=self._landmark_views):
            views.append(landmark_view(self._landmarks, int(crop), random))
            garments.append(0)  # of no consequence: all regions are unclear
        return make_batch(views, garments)
