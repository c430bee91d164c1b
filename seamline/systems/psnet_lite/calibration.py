"""The head of the whole garment, and the numbers of `scoring` in spec.json, from garments that nothing was learnt
from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import ScoringSpec, Spec
from seamline.nn.checkpoint import save
from seamline.ranking import RANKINGS
from seamline.systems.psnet_lite.heads import Heads
from seamline.systems.psnet_lite.projection import fit_whole
from seamline.systems.psnet_lite.region_head import RegionHead
from seamline.systems.psnet_lite.stored_views import RegionStatistics
from seamline.systems.psnet_lite.system import SYSTEM
from seamline.systems.psnet_lite.whole_head import SERVED
from seamline.training.calibrate import calibrate
from seamline.training.copy_odds import fit_copy_odds
from seamline.training.measure import Encoded, weight_triplets
from seamline.training.part_weights import WeightSearch, learn_weights

Floats = NDArray[np.float32]

_LEAST_SLOPE = 1e-6


@dataclasses.dataclass(frozen=True)
class Unseen:
    """Originals and copies that nothing was learnt from, the category [N] of each view, and which views [N] are copies
    on which the probability alone is calibrated."""

    statistics: RegionStatistics
    categories: NDArray[np.str_]
    further: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Others:
    """Statistics of the garments among which copies are searched for, and the grids [N,C,3,2] that the head of the
    whole is fitted to (whole_garments.py)."""

    statistics: RegionStatistics
    grids: Floats


def write_heads(
    regions: RegionHead, others: Others, unseen: Unseen, search: WeightSearch, seed: int, out: Path
) -> None:
    """Fit the head of the whole to the grids of `others`, and write region_head.pt, whole_head.pt and spec.json."""
    heads = Heads(regions, fit_whole(others.grids, SERVED))
    encoded = heads.encoded(unseen.statistics, unseen.categories)
    spec = calibrated(SYSTEM.spec(), encoded, unseen.further, heads.vectors(others.statistics), search, seed)
    save(heads.regions, out / "region_head.pt")
    save(heads.whole, out / "whole_head.pt")
    (out / "spec.json").write_text(spec.to_json(), encoding="utf-8")


def calibrated(
    spec: Spec, unseen: Encoded, further: NDArray[np.bool_], others: Floats, search: WeightSearch, seed: int
) -> Spec:
    """The spec with learnt weights and with what similarities mean.

    `unseen`: originals and copies that nothing was learnt from, of which the `further` ones [N] calibrate the
    probability alone; `others` [M,P,D]: further garments among which copies are searched for.
    """
    ranked, stated = unseen.without(further), (unseen.vectors, unseen.views)
    weights = learn_weights(weight_triplets(ranked), search)
    scoring = dataclasses.replace(spec.scoring, part_weights=weights)
    scoring = _with_odds(scoring, spec, ranked, others, seed)
    found = calibrate(ranked.vectors, ranked.views, scoring, spec.parts, seed, others, spec.rankings[0], stated)
    return dataclasses.replace(spec, scoring=_with_wholes_kept(found.applied_to(scoring), spec))


def _with_wholes_kept(scoring: ScoringSpec, spec: Spec) -> ScoringSpec:
    """The whole counts as kept where it alone makes a copy as likely as not.

    No copy is made in which the whole is redesigned, so what else tells kept from changed is how unrelated garments
    compare; among the first hits, which are alike, nearly every one would count as kept.
    """
    slope, offset = scoring.whole_odds
    even = round(min(max(-offset / max(slope, _LEAST_SLOPE), 0.0), 1.0), 4)
    kept = tuple(even if place in spec.parts.whole else cut for place, cut in enumerate(scoring.kept_above))
    return dataclasses.replace(scoring, kept_above=kept)


def _with_odds(scoring: ScoringSpec, spec: Spec, unseen: Encoded, others: Floats, seed: int) -> ScoringSpec:
    """Log odds of a copy by the regions alone, and by the garment as a whole alone."""

    def odds(places: tuple[int, ...], ranking: str) -> tuple[float, float]:
        parts, chosen = spec.parts.only(places), list(places)
        plain = ScoringSpec.of_parts(len(places))
        found = fit_copy_odds(
            unseen.vectors[:, chosen], unseen.views, others[:, chosen], plain, parts, RANKINGS[ranking], seed,
            by_cohort=False,
        )  # fmt: skip
        return round(found.slope, 4), round(found.offset, 4)

    regions, whole = odds(spec.parts.regions, "partial"), odds(spec.parts.whole, "global")
    return dataclasses.replace(scoring, region_odds=regions, whole_odds=whole)
