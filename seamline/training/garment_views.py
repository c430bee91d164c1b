"""Views of garments to learn from, an original and copies of it with the ground truth about landmarks and parts; and
which garments a step learns from. The sampler is pytorch-metric-learning's.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pytorch_metric_learning import samplers  # type: ignore[import-untyped]
from pytorch_metric_learning.utils import common_functions  # type: ignore[import-untyped]

from seamline.core.spec import LANDMARKS
from seamline.training.views import ViewStore

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class GarmentView:
    """pixels [S,S,3] of the crop; points [K,3] in it (x, y, 1 where the landmark exists); known [K], how far a
    landmark's entry can be trusted; change [P] of the *original's* parts; `category` of the garment in the view."""

    pixels: Bytes
    points: Floats
    known: Floats
    change: NDArray[np.int8]
    mirrored: bool
    category: int


class GarmentViews(Protocol):
    """Garments, each with as many views as are wanted."""

    def __len__(self) -> int:
        """Number of garments."""
        ...

    def draw(self, garment: int, count: int, random: np.random.Generator) -> list[GarmentView]:
        """The original's view and `count` - 1 copies."""
        ...


class CopiedViews:
    """Views that the copy generator made, without landmarks."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store
        self._views = [np.flatnonzero(store.garment == garment) for garment in np.unique(store.garment)]

    def __len__(self) -> int:
        return len(self._views)

    def draw(self, garment: int, count: int, random: np.random.Generator) -> list[GarmentView]:
        """The original and as many different copies as there are; then some again."""
        views = self._views[garment]
        copies = random.permutation(views[self._store.copy[views] >= 0])
        original = int(views[self._store.copy[views] < 0][0])
        chosen = np.resize(copies, count - 1) if len(copies) else np.full(count - 1, original)
        return [self._view(int(index)) for index in (original, *chosen)]

    def _view(self, index: int) -> GarmentView:
        store = self._store
        unknown = np.zeros((len(LANDMARKS), 3), np.float32)
        return GarmentView(
            np.asarray(store.pixels[index]), unknown, unknown[:, 0], store.change[index],
            bool(store.mirrored[index]), int(store.category[index]),
        )  # fmt: skip


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
