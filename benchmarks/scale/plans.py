"""The searches that are measured: rankings with their weights, with and without a filter."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from seamline.core.parts import ANY_CATEGORY, Parts
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


def plans_of(spec: Spec) -> tuple[Plan, ...]:
    """The rankings that a system offers, `weighted` with several weights: among all garments, and among those of the
    query's own category."""
    bare = (*_skewed(spec.parts), Plan("weighted, equal", "weighted", _weights(spec.parts, range(len(spec.parts)), 1)))
    every = (Plan("partial", "partial"), *bare, Plan("weighted, as trained", "weighted"), Plan("global", "global"))
    offered = [plan for plan in every if plan.ranking in spec.rankings]
    own = [dataclasses.replace(plan, name=f"{plan.name}, own category", filtered=True) for plan in offered]
    return (*offered, *own)


def _skewed(parts: Parts) -> Iterator[Plan]:
    """Most of the weight on the first part, and on the first two that change places in a mirrored photo."""
    label = parts.labels_for(ANY_CATEGORY)
    yield Plan(f"weighted, skewed to the {label[0]}", "weighted", _weights(parts, (0,), 0.7))
    pair = next(((part, other) for part, other in enumerate(parts.mirror) if part != other), None)
    if pair is not None:
        name = f"weighted, skewed to the {label[pair[0]]} and the {label[pair[1]]}"
        yield Plan(name, "weighted", _weights(parts, pair, 0.9))


def _weights(parts: Parts, chosen: Sequence[int], share: float) -> tuple[float, ...]:
    """`share` of the weight on the chosen parts, the rest on the others, each evenly."""
    others = len(parts) - len(chosen)
    return tuple(share / len(chosen) if part in chosen else (1 - share) / others for part in range(len(parts)))
