"""Views that are made of stored crops for every batch: perturbed copies, and crops that teach landmarks only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS, CropSpec, mirrored_landmarks
from seamline.systems.psnet.perturb import COPIES, perturbed
from seamline.systems.psnet.spec import REGIONS
from seamline.training.augment import Augmentation, View, plain_view, random_view
from seamline.training.crops import ABSENT, PRESENT, UNSURE, CropStore
from seamline.training.garment_views import GarmentView
from seamline.training.views import KEPT, UNCLEAR

Floats = NDArray[np.float32]

_MIRRORED = list(mirrored_landmarks(LANDMARKS))


class PerturbedViews:
    """Views that are made from stored crops on the fly; every view has landmarks."""

    def __init__(self, store: CropStore, least_trust: float) -> None:
        self._store = store
        self._crops = np.flatnonzero((store.trust >= least_trust) & (store.mask_trust >= least_trust))

    def __len__(self) -> int:
        return len(self._crops)

    def draw(self, garment: int, count: int, random: np.random.Generator) -> list[GarmentView]:
        """The plain crop and perturbed ones."""
        crop = int(self._crops[garment])
        kinds = random.integers(len(COPIES), size=count - 1)
        return [self._original(crop), *(self._copy(crop, int(kind), random) for kind in kinds)]

    def _original(self, crop: int) -> GarmentView:
        return _labelled(self._store, crop, plain_view(self._store, crop, CropSpec().side), KEPT)

    def _copy(self, crop: int, kind: int, random: np.random.Generator) -> GarmentView:
        copy = perturbed(self._store, crop, COPIES[kind], random)
        state = self._store.state[crop]
        state = state[_MIRRORED] if copy.mirrored else state
        hidden = (state == PRESENT) & (copy.landmarks[:, 2] == 0)
        known = _known(np.where(hidden, UNSURE, state), float(self._store.trust[crop]))
        category = int(self._store.category[crop])
        return GarmentView(copy.pixels, copy.landmarks, known, copy.change, copy.mirrored, category)


def landmark_view(store: CropStore, crop: int, random: np.random.Generator) -> GarmentView:
    """A random view of a stored crop that teaches landmarks only: all its regions are unclear."""
    view = random_view(store, crop, CropSpec().side, Augmentation(), random)
    return _labelled(store, crop, view, UNCLEAR)


def _labelled(store: CropStore, crop: int, view: View, change: int) -> GarmentView:
    points = np.column_stack([view.points, view.state == PRESENT]).astype(np.float32)
    known = _known(view.state, float(store.trust[crop]))
    changes = np.full(len(REGIONS), change, np.int8)
    return GarmentView(view.pixels, points, known, changes, False, int(store.category[crop]))


def _known(state: NDArray[np.int8], trust: float) -> Floats:
    return np.select([state == PRESENT, state == ABSENT], [trust, 1.0], 0.0).astype(np.float32)
