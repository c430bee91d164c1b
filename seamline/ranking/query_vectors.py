"""What to ask an index for, so that the best garments of a ranking are among its answers, and which answers to look at.

An index orders garments by one inner product with a query's five vectors side by side; a ranking orders them by more
than that. A probe is such a query. The probes of a ranking together bring its best garments at a fraction of the
answers that a single one would need, and their products tell how good each garment can be at most, so that only the
best of them are fetched and scored. `benchmarks.scale` measures how many are enough.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import MIRRORED, REGIONS
from seamline.ranking.score import Floats, Scorer, mirrored

Bits = NDArray[np.int64]

_SLEEVES = tuple(region for region, other in enumerate(MIRRORED) if region != other)
_PLACES = (*((region, region) for region in range(len(REGIONS))), *((region, MIRRORED[region]) for region in _SLEEVES))
"""(region of the query, region of the garment) of each probe for one region alone."""


@dataclasses.dataclass(frozen=True)
class Probes:
    """Query vectors for one garment. `all` (m, 5 * D): for all garments; `few` (f, 5 * D): only for those that lack
    regions, and f is 0 where a missing region cannot bring a garment to the front."""

    scorer: Scorer
    all: Floats
    few: Floats

    @property
    def promising(self) -> bool:
        """Whether products tell which garments are worth being fetched. Those with single regions do not."""
        return self.scorer.ranking in ("weighted", "global")

    def promise(self, products: Floats, last: Floats, regions: Bits) -> Floats:
        """The score (n,) that garments of `all` have, read straight or mirrored, by their products (n, m).

        `last` (m,): a product that is not known, NaN, is no larger. `regions` (n,): which regions each garment has, bit
        r for region r.
        """
        known = np.where(np.isnan(products), last, products)[:, :2]
        return np.asarray(known.max(-1) / self._share(regions), np.float32)

    def promise_of_few(self, products: Floats, regions: Bits) -> Floats:
        """The same (n,) of garments of `few`, by their products (n, f), one of which is known at least."""
        return np.asarray(np.nanmax(products, -1) / self._share(regions), np.float32)

    def _share(self, regions: Bits) -> Floats:
        present = ((regions[:, None] >> np.arange(len(REGIONS))) & 1).astype(np.float32)
        asked = self.scorer.query.any(-1)
        if self.scorer.ranking == "global":
            return np.asarray(np.sqrt(np.maximum(asked.sum() * present.sum(-1), 1)), np.float32)
        return np.asarray(np.maximum(present @ (self.scorer.weights * asked), 1e-6), np.float32)


def probes_of(scorer: Scorer) -> Probes:
    """The probes of a scorer's ranking."""
    query = scorer.query
    none = np.zeros((0, query.size), np.float32)
    if scorer.ranking == "weighted":
        weighted = query * scorer.weights[:, None]
        # The graph of an index is that of equal weights. Skewed ones may end in a corner of it; half as skewed, the
        # search takes another way.
        evened = query * (scorer.weights + 1 / len(REGIONS))[:, None] / 2
        # A mean over fewer regions can be higher than any sum over five, whatever their products; and where the
        # heavy regions are missing, the light ones decide.
        light = weighted * (scorer.weights < scorer.weights.max() / 2)[:, None]
        few = [weighted, mirrored(weighted), *([light] if light.any() else [])]
        return Probes(scorer, _flat([weighted, mirrored(weighted), evened, mirrored(evened)]), _flat(few))
    if scorer.ranking == "global":
        return Probes(scorer, _flat([query, mirrored(query)]), none)
    # A few regions that are very much alike outweigh all others, so each is searched for alone, too.
    alone = [_placed(query[region], place) for region, place in _PLACES]
    return Probes(scorer, _flat([(query + mirrored(query)) / 2, *alone]), none)


def _placed(vector: Floats, place: int) -> Floats:
    alone = np.zeros((len(REGIONS), vector.size), np.float32)
    alone[place] = vector
    return alone


def _flat(probes: list[Floats]) -> Floats:
    return np.stack([probe.reshape(-1) for probe in probes]).astype(np.float32)
