"""The searches that are measured: rankings with their weights, with and without a filter."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.core.spec import CATEGORIES, Spec
from seamline.ranking import ranking_named
from seamline.ranking.scorer import Scorer, check_weights
from seamline.ranking.similarity import Floats

TOP = 20


@dataclasses.dataclass(frozen=True)
class Plan:
    """One way to search. `weights` None are those that training found for the query's category; `filtered`: only among
    the query's own category."""

    name: str
    ranking: str
    weights: tuple[float, ...] | None = None
    filtered: bool = False

    def scorer(self, query: Floats, category: int, spec: Spec, cohort: Floats) -> Scorer:
        """The scorer that the step `retrieve` uses for such a search of a query (P, D)."""
        weights = spec.scoring.weights_for(CATEGORIES[category]) if self.weights is None else self.weights
        checked = check_weights(np.array(weights, np.float32), spec.parts)
        return Scorer.of_spec(spec, query, ranking_named(self.ranking), checked, cohort)


_BARE = (
    Plan("partial", "partial"),
    Plan("weighted, skewed to the collar", "weighted", (0.7, 0.1, 0.1, 0.05, 0.05)),
    Plan("weighted, skewed to the sleeves", "weighted", (0.04, 0.03, 0.03, 0.45, 0.45)),
    Plan("weighted, equal", "weighted", (0.2, 0.2, 0.2, 0.2, 0.2)),
    Plan("weighted, as trained", "weighted"),
    Plan("global", "global"),
)
PLANS = (*_BARE, *(dataclasses.replace(plan, name=f"{plan.name}, own category", filtered=True) for plan in _BARE))
