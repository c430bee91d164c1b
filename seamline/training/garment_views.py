"""Views of garments to learn from: an original and copies of it, with the ground truth about landmarks and parts."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import LANDMARKS
from seamline.training.view_store import ViewStore

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
