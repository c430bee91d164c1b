"""How much of what a query should find is found, and how early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import recall_at_k, relevance_in_order, retrieval_values
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.report import Cases
from seamline.evaluation.subsets import Subset, among_hard_negatives

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

READING = "hit@k: one copy at least among the first k; recall@k: share of the copies among them"

SHOWN = 20
"""Hits that somebody looks at."""

OF_COPIES = ("mAP", "hit@1", f"hit@{SHOWN}", f"recall@{SHOWN}")
OF_PAIRS = ("mAP", "hit@1", "hit@5", f"hit@{SHOWN}")
OF_PARTS = ("mAP", f"recall@{SHOWN}")

CURVE = (1, 2, 3, 5, 10, 20, 50, 100)
"""Numbers of hits at which recall is drawn."""


def retrieval(
    section: str,
    subsets: Iterable[Subset],
    scores: Floats,
    metrics: Sequence[str],
    groups: NDArray[np.int64] | None = None,
) -> Iterator[Cases]:
    """Metrics of each subset of one way of comparing, scores (Q, P). `groups` (Q,): queries that hang together."""
    for subset in subsets:
        mine = None if groups is None else groups[subset.queries]
        for metric, values in retrieval_values(in_order(subset, scores), metrics).items():
            yield Cases(section, subset.name, metric, values, mine)


def in_order(subset: Subset, scores: Floats) -> Flags:
    """Which of each query's hits (q, P) are relevant, best score first."""
    return relevance_in_order(np.where(subset.hidden, -np.inf, scores[subset.queries]), subset.relevant)


def hard_negatives(section: str, name: str, problem: QueryGallery, scores: Floats) -> Iterator[Cases]:
    """The copies among look-alikes only, and how many rank below one."""
    subset = among_hard_negatives(problem, name)
    yield from retrieval(section, [subset], scores, ("mAP",))
    shown = np.where(subset.hidden, -np.inf, scores[subset.queries])
    best_alike = np.where(subset.relevant, -np.inf, shown).max(1, initial=-np.inf)
    below = subset.relevant & (shown <= best_alike[:, None])
    share = below.sum(1) / np.maximum(1, subset.relevant.sum(1))
    yield Cases(section, name, "copies below a look-alike", share)


def linked(problem: QueryGallery) -> NDArray[np.int64]:
    """A number (Q,) for each query, the same for queries that are relevant to one another: they hang together."""
    group = problem.query_photo.copy()
    beside = problem.relevant[:, problem.query_photo] | np.eye(problem.queries, dtype=bool)
    for _ in group:
        group = np.where(beside, group[None], problem.photos).min(1)
    return group


def recall_curve(problem: QueryGallery, scores: Floats) -> Floats:
    """Mean share of the copies among the first k hits for each k of CURVE."""
    ordered = relevance_in_order(scores, problem.relevant)
    return np.array([np.nanmean(recall_at_k(ordered, k)) for k in CURVE], np.float32)
