"""Which garments a step learns from, each with several views; the sampler is pytorch-metric-learning's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pytorch_metric_learning import samplers  # type: ignore[import-untyped]
from pytorch_metric_learning.utils import common_functions  # type: ignore[import-untyped]

from seamline.training.garment_views import GarmentView, GarmentViews


class GarmentSampler:
    """`batch` / `views` garments a step with `views` views each, the original first."""

    def __init__(self, garments: GarmentViews, batch: int, views: int, seed: int) -> None:
        self._garments = garments
        self._batch, self._views, self._seed = batch, views, seed
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

    def __call__(self, step: int) -> tuple[list[int], list[GarmentView]]:
        """Garments and views of a step, `batch` of either; the same for the same seed and step."""
        garments, views = [], []
        for slot, garment in enumerate(self.chosen(step)):
            views += self._garments.draw(garment, self._views, self.random(step, slot))
            garments += [garment] * self._views
        return garments, views

    def random(self, step: int, slot: int) -> np.random.Generator:
        """The generator of one garment of a step."""
        return np.random.default_rng([self._seed, step, slot])


def batch_order(garments: NDArray[np.int64], per_garment: int, batch: int, seed: int) -> NDArray[np.int64]:
    """An epoch's indices into `garments` [N], in batches of `batch`, with `per_garment` photos of each garment drawn.

    The same seed gives the same order. Raises ValueError when `per_garment` does not divide `batch` or there are too
    few garments for one.
    """
    if batch % per_garment or len(np.unique(garments)) * per_garment < batch or len(garments) < batch:
        raise ValueError(f"no batch of {batch} with {per_garment} photos per garment: too few, or no whole number")
    sampler = samplers.MPerClassSampler(garments, per_garment, batch, len(garments))
    outside, common_functions.NUMPY_RANDOM = common_functions.NUMPY_RANDOM, np.random.RandomState(seed)
    try:
        return np.array(list(sampler), np.int64)
    finally:
        common_functions.NUMPY_RANDOM = outside
