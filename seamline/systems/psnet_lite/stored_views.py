"""Views of several stores as one set: which belong to a garment, and batches and statistics of them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from seamline.core.metrics import relevance_in_order, retrieval_average_precision
from seamline.core.spec import CATEGORIES
from seamline.systems.psnet_lite.encoder import RetrievalBranch, WholeBranch
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig, garment_statistics, zones
from seamline.systems.psnet_lite.shallow_features import ShallowFeatures, ShallowRows, pooled
from seamline.systems.psnet_lite.whole_head import WholeHead
from seamline.training.views import Views, ViewStore

Integers = NDArray[np.int64]

_BATCH = 64


@dataclasses.dataclass(frozen=True)
class StoredViews:
    """N views, originals first in the order of their garments.

    `features` of the stores, each view's store [N] and row in it [N]; garment [N], numbered from 0; copy [N], -1 for
    originals; change [N,5] of the originals' regions; mirrored [N]; category [N].
    """

    features: tuple[ShallowFeatures, ...]
    store: Integers
    row: Integers
    garment: Integers
    copy: Integers
    change: NDArray[np.int8]
    mirrored: NDArray[np.bool_]
    category: Integers

    @classmethod
    def of(cls, stores: Sequence[tuple[ViewStore, ShallowFeatures]], planned: Sequence[int] = ()) -> StoredViews:
        """All views of the stores, which number the same garments in the same way.

        Copies of a later store are numbered on from those that were `planned` for each one before it, of which some
        may be lacking; by default from those that it has. Its originals are left out, they are the first store's.
        """
        kept = [np.arange(len(stores[0][0])), *(np.flatnonzero(store.copy >= 0) for store, _ in stores[1:])]
        counts = planned or [int(store.copy.max()) + 1 for store, _ in stores]
        first = [0, *itertools.accumulate(counts[:-1])]
        parts = [(store, rows) for (store, _), rows in zip(stores, kept, strict=True)]
        copies = [
            np.where(store.copy[rows] < 0, -1, store.copy[rows] + start)
            for (store, rows), start in zip(parts, first, strict=True)
        ]
        copy = np.concatenate(copies)
        order = np.argsort(copy >= 0, kind="stable")
        own = {
            name: np.concatenate([getattr(store, name)[rows] for store, rows in parts])[order]
            for name in ("garment", "change", "mirrored", "category")
        }
        number = np.concatenate([np.full(len(rows), number) for number, rows in enumerate(kept)])
        return cls(
            tuple(features for _, features in stores),
            store=number[order], row=np.concatenate(kept)[order], copy=copy[order], **own,
        )  # fmt: skip

    def beside(self, others: StoredViews) -> StoredViews:
        """These garments, and after them those of `others`, which are numbered on; originals first."""
        first = len(self.features), self.garments
        order = np.argsort(np.concatenate([self.copy, others.copy]) >= 0, kind="stable")
        moved = dataclasses.replace(others, store=others.store + first[0], garment=others.garment + first[1])
        joined = {
            name: np.concatenate([part, getattr(moved, name)])[order]
            for name, part in vars(self).items()
            if name != "features"
        }
        return StoredViews((*self.features, *others.features), **joined)

    @property
    def garments(self) -> int:
        """How many garments there are."""
        return int(self.garment.max()) + 1 if len(self.garment) else 0

    @property
    def category_names(self) -> NDArray[np.str_]:
        """Category [N] of each view's garment."""
        return np.array(CATEGORIES)[self.category]

    def only(self, garments: NDArray[np.bool_]) -> StoredViews:
        """The garments that a flag [garments] marks, numbered anew."""
        number = np.cumsum(garments) - 1
        chosen = self._taken(garments[self.garment])
        return dataclasses.replace(chosen, garment=number[chosen.garment])

    def first(self, most: int) -> StoredViews:
        """At most so many garments, evenly spread."""
        count = self.garments
        chosen = np.zeros(count, np.bool_)
        chosen[np.linspace(0, count - 1, min(most, count)).round().astype(int)] = True
        return self.only(chosen)

    def with_copies(self, numbers: Sequence[int]) -> StoredViews:
        """The originals and, of the copies, those with these numbers."""
        return self._taken((self.copy < 0) | np.isin(self.copy, list(numbers)))

    def _taken(self, kept: NDArray[np.bool_]) -> StoredViews:
        return StoredViews(**{name: part if name == "features" else part[kept] for name, part in vars(self).items()})

    def draw_garments(self, count: int, one_category: float, random: np.random.Generator) -> Integers:
        """Different garments; of a single category with probability `one_category`, where it has enough of them."""
        originals = np.flatnonzero(self.copy < 0)
        if random.random() < one_category:
            category = self.category[random.choice(originals)]
            alike = originals[self.category[originals] == category]
            originals = alike if len(alike) >= count else originals
        return random.choice(self.garment[originals], count, replace=False)

    def draw(self, garment: int, count: int, random: np.random.Generator) -> Integers:
        """The garment's original and up to `count` - 1 of its copies."""
        views = np.flatnonzero(self.garment == garment)
        copies = random.permutation(views[self.copy[views] >= 0])
        return np.concatenate([views[self.copy[views] < 0], copies[: count - 1]])

    def rows(self, chosen: Integers) -> ShallowRows:
        """The features of some views."""
        parts: dict[str, torch.Tensor] = {}
        for number in np.unique(self.store[chosen]):
            places = np.flatnonzero(self.store[chosen] == number)
            own = self.features[number].rows(self.row[chosen[places]])
            for name, values in vars(own).items():
                whole = parts.setdefault(name, values.new_empty((len(chosen), *values.shape[1:])))
                whole[torch.from_numpy(places)] = values
        return ShallowRows(**parts)


@dataclasses.dataclass(frozen=True)
class RegionStatistics(Views):
    """N views with the `statistics` [N,5,S] of their regions, which the region head projects, and their `grid`
    [N,C,3,2], of which the head of the whole garment makes vectors."""

    statistics: NDArray[np.float32]
    grid: NDArray[np.float32]

    def vectors(self, head: RegionHead) -> NDArray[np.float32]:
        """Region vectors [N,5,D], as the head gives them."""
        with torch.inference_mode():
            vectors = head.from_statistics(torch.from_numpy(self.statistics).to(head.weight.device))
        found: NDArray[np.float32] = vectors.cpu().numpy()
        return np.where((self.visible > 0)[..., None], found, np.float32(0))

    def whole_vectors(self, head: WholeHead) -> NDArray[np.float32]:
        """Vectors [N,2,D] of the garments as a whole, as the head gives them."""
        with torch.inference_mode():
            found: NDArray[np.float32] = head(torch.from_numpy(self.grid)).numpy()
        return found


def statistics_of(
    branch: RetrievalBranch, stored: StoredViews, config: RegionHeadConfig, whole: WholeBranch | None = None
) -> RegionStatistics:
    """Statistics and grids of all stored views, the grids as `pooled` gives them; the statistics of absent regions are
    zeros."""
    device = branch.bias.device
    weights = zones(config).to(device)
    statistics, grids, visible = [], [], []
    with torch.inference_mode():
        for start in range(0, len(stored.garment), _BATCH):
            rows = stored.rows(np.arange(start, min(start + _BATCH, len(stored.garment)))).to(device)
            regions, grid = pooled(branch, rows, config.pool_size, whole)
            found = garment_statistics(regions, weights)
            grids.append(grid.cpu().numpy())
            statistics.append((found * (rows.visible > 0)[..., None]).cpu().numpy())
            visible.append(rows.visible.cpu().numpy())
    return RegionStatistics(  # an original's place is its garment's number
        np.concatenate(visible),
        stored.garment,
        stored.copy,
        stored.change,
        stored.mirrored,
        np.concatenate(statistics),
        np.concatenate(grids),
    )


def whole_average_precision(found: RegionStatistics, head: WholeHead) -> float:
    """mAP of the copies' originals, each copy searched for among all originals by the garment as a whole."""
    vectors, copies = found.whole_vectors(head).reshape(len(found.original), -1), found.copies
    scores = vectors[copies] @ vectors[found.originals].T
    relevant = found.original[copies, None] == found.originals
    return float(retrieval_average_precision(relevance_in_order(scores, relevant)).mean())
