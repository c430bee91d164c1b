"""What to ask an index for, so that the best garments of a ranking are among its answers.

An index orders garments by one inner product with a query's five vectors side by side; a ranking orders them by more
than that. A probe is such a query. The probes of a ranking together bring its best garments at a fraction of the
answers that a single one would need: `benchmarks.scale` measures how many.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.score import Floats, Scorer, mirrored
from seamline.spec import MIRRORED, REGIONS

_SLEEVES = tuple(region for region, other in enumerate(MIRRORED) if region != other)


@dataclasses.dataclass(frozen=True)
class Probes:
    """Query vectors for one garment. `all` (m, 5 * D): for all garments; `few` (f, 5 * D): only for those that lack
    regions, and f is 0 where a missing region cannot bring a garment to the front."""

    all: Floats
    few: Floats


def probes_of(scorer: Scorer) -> Probes:
    """The probes of a scorer's ranking."""
    query = scorer.query
    none = np.zeros((0, query.size), np.float32)
    if scorer.ranking == "weighted":
        weighted = query * scorer.weights[:, None]
        readings = [weighted, mirrored(weighted)]
        # The graph of an index is that of equal weights. Skewed ones may end in a corner of it; half as skewed, the
        # search takes another way.
        evened = query * (scorer.weights + 1 / len(REGIONS))[:, None] / 2
        wider = [*readings, evened, mirrored(evened)]
        # A mean over fewer regions can be higher than any sum over five, whatever their inner products.
        return Probes(_flat(wider), _flat([*readings, *_single(weighted)]))
    if scorer.ranking == "global":
        return Probes(_flat([query, mirrored(query)]), none)
    # A few regions that are very much alike outweigh all others, so each is searched for alone, too.
    return Probes(_flat([(query + mirrored(query)) / 2, *_single(query)]), none)


def _single(query: Floats) -> list[Floats]:
    """Each region alone, the sleeves also in the place of the other one, as a mirrored photo has them."""
    places = [(region, region) for region in range(len(REGIONS))]
    places += [(region, MIRRORED[region]) for region in _SLEEVES]
    return [_placed(query[region], place) for region, place in places]


def _placed(vector: Floats, place: int) -> Floats:
    alone = np.zeros((len(REGIONS), vector.size), np.float32)
    alone[place] = vector
    return alone


def _flat(probes: list[Floats]) -> Floats:
    """Probes (m, 5 * D), without those that have nothing to look for."""
    flat = np.stack([probe.reshape(-1) for probe in probes]).astype(np.float32)
    return flat[flat.any(-1)]
