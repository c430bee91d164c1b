"""The batches of PS-Net's training: some garments, each with several views."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seamline.core.spec import CATEGORIES
from seamline.losses.part_loss import batch_order
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import region_boxes
from seamline.training.crops import CropStore
from seamline.training.garment_views import GarmentView, GarmentViews, landmark_view
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


class GarmentSampler:
    """The batch of every step: `batch` / `views` garments with `views` views each, then `landmark_views` crops of
    `landmarks` that teach landmarks only."""

    def __init__(
        self, garments: GarmentViews, batch: int, views: int, seed: int, landmarks: CropStore, landmark_views: int
    ) -> None:
        self._garments = garments
        self._batch, self._views, self._seed = batch, views, seed
        self._landmarks, self._landmark_views = landmarks, landmark_views
        self._slots = np.repeat(np.arange(len(garments)), views)
        self._epoch: tuple[int, NDArray[np.int64]] = (-1, self._slots)

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which a garment comes up once on average."""
        return len(self._slots) // self._batch

    def chosen(self, step: int) -> list[int]:
        """The garments of a step."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._epoch[0] != epoch:
            seed = int(np.random.SeedSequence([self._seed, epoch]).generate_state(1)[0])
            self._epoch = epoch, batch_order(self._slots, self._views, self._batch, seed)
        slots = self._epoch[1][place * self._batch : (place + 1) * self._batch]
        return [int(garment) for garment in self._slots[slots][:: self._views]]

    def __call__(self, step: int) -> GarmentBatch:
        """The batch of a step; the same for the same seed and step."""
        chosen = self.chosen(step)
        views, garments = [], []
        for slot, garment in enumerate(chosen):
            random = np.random.default_rng([self._seed, step, slot])
            views += self._garments.draw(garment, self._views, random)
            garments += [garment] * self._views
        random = np.random.default_rng([self._seed, step, len(chosen)])
        for crop in random.integers(len(self._landmarks), size=self._landmark_views):
            views.append(landmark_view(self._landmarks, int(crop), random))
            garments.append(0)  # of no consequence: all regions are unclear
        return make_batch(views, garments)
