"""Both heads over stored views: vectors of all parts, as serving gives them."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.systems.psnet_lite.region_head import RegionHead
from seamline.systems.psnet_lite.spec import lite_parts
from seamline.systems.psnet_lite.stored_views import RegionStatistics
from seamline.systems.psnet_lite.whole_head import WholeHead
from seamline.training.measure import Encoded
from seamline.training.views import KEPT, Views

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Heads:
    """The heads of the five regions and of the garment as a whole."""

    regions: RegionHead
    whole: WholeHead

    def vectors(self, views: RegionStatistics) -> Floats:
        """Unit vectors [N,7,D] of the views' own parts; zeros where a region is absent."""
        return np.concatenate([views.vectors(self.regions), views.whole_vectors(self.whole)], 1)

    def encoded(self, views: RegionStatistics, categories: NDArray[np.str_]) -> Encoded:
        """The same with what became of each part: as a whole a copy is kept, whatever was redesigned."""
        shape = len(views.original), self.whole.config.parts
        own = Views(
            np.concatenate([views.visible, np.ones(shape, np.float32)], 1), views.original, views.copy,
            np.concatenate([views.change, np.full(shape, KEPT, np.int8)], 1), views.mirrored,
        )  # fmt: skip
        return Encoded(self.vectors(views), own, categories, lite_parts(self.whole.config.dimension).mirror)
