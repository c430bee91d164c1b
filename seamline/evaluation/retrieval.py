"""How many of an original's copies are found, and how early; over all queries and in parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import hit_at_k, recall_at_k, relevance_in_order, retrieval_average_precision
from seamline.core.spec import REGIONS
from seamline.evaluation.figures import Figure
from seamline.evaluation.protocol import QueryGallery

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

READING = "hit@k: one copy at least among the first k; recall@k: share of the copies among them"

SHOWN = 20
"""Hits that somebody looks at."""

CURVE = (1, 2, 3, 5, 10, 20, 50, 100)
"""Numbers of hits at which recall is drawn."""


def retrieval(
    section: str, name: str, problem: QueryGallery, scores: Floats, queries: list[int] | None = None
) -> list[Figure]:
    """mAP, hit@1 and recall@20 in both readings of one way of comparing, scores (Q, P)."""
    chosen = slice(None) if queries is None else np.array(queries, np.int64)
    ordered = relevance_in_order(scores[chosen], problem.relevant[chosen])
    return [
        Figure.mean_of(section, name, "mAP", retrieval_average_precision(ordered)),
        Figure.mean_of(section, name, "hit@1", hit_at_k(ordered, 1)),
        Figure.mean_of(section, name, f"hit@{SHOWN}", hit_at_k(ordered, SHOWN)),
        Figure.mean_of(section, name, f"recall@{SHOWN}", recall_at_k(ordered, SHOWN)),
    ]


def recall_curve(problem: QueryGallery, scores: Floats) -> Floats:
    """Mean share of the copies among the first k hits for each k of CURVE."""
    ordered = relevance_in_order(scores, problem.relevant)
    return np.array([np.nanmean(recall_at_k(ordered, k)) for k in CURVE], np.float32)


def among_hard_negatives(section: str, name: str, problem: QueryGallery, scores: Floats) -> list[Figure]:
    """The copies among look-alikes only, and how many rank below one. Queries without look-alikes are left out."""
    chosen = np.flatnonzero(problem.hard_negative.any(1))
    shown = np.where(problem.relevant | problem.hard_negative, scores, -np.inf)[chosen]
    relevant, alike = problem.relevant[chosen], problem.hard_negative[chosen]
    ordered = relevance_in_order(shown, relevant)
    best_alike = np.where(alike, shown, -np.inf).max(1, initial=-np.inf)
    below = relevant & (shown <= best_alike[:, None])
    share = below.sum(1) / np.maximum(1, relevant.sum(1))
    return [
        Figure.mean_of(section, name, "mAP", retrieval_average_precision(ordered)),
        Figure.mean_of(section, name, "copies below a look-alike", share),
    ]


def by_category(section: str, problem: QueryGallery, scores: Floats) -> list[Figure]:
    """One way of comparing, by the original's category."""
    categories = np.array(problem.query_category)
    ordered = relevance_in_order(scores, problem.relevant)
    figures = []
    for category in sorted(set(problem.query_category)):
        figures += _two(section, category, ordered[categories == category])
    return figures


def by_copy(section: str, problem: QueryGallery, scores: Floats) -> list[Figure]:
    """One way of comparing, by what became of the copies: the other copies of a query are taken out of the gallery."""
    figures = []
    for name, flags in (*_kinds(problem), *_edits(problem)):
        wanted = np.zeros(problem.photos, bool)
        wanted[problem.first_copy :] = flags
        relevant = problem.relevant & wanted
        chosen = relevant.any(1)
        if chosen.any():
            shown = np.where(problem.relevant & ~wanted, -np.inf, scores)
            figures += _two(section, name, relevance_in_order(shown[chosen], relevant[chosen]))
    return figures


def _kinds(problem: QueryGallery) -> Iterator[tuple[str, Flags]]:
    """Names of kinds of copies, and which copies are of that kind."""
    for index, region in enumerate(REGIONS):
        yield (
            f"{region.replace('_', ' ')} redesigned",
            np.array([index in one.redesigned for one in problem.copies], bool),
        )
    for count, name in enumerate(("no region", "1 region", "2 regions")):
        yield f"{name} redesigned", np.array([len(one.redesigned) == count for one in problem.copies], bool)
    mirrored = np.array([one.mirrored for one in problem.copies], bool)
    yield "mirrored", mirrored
    yield "not mirrored", ~mirrored


def _edits(problem: QueryGallery) -> Iterator[tuple[str, Flags]]:
    for edit in sorted({edit for one in problem.copies for edit in one.edits}):
        yield f"edit: {edit}", np.array([edit in one.edits for one in problem.copies], bool)


def _two(section: str, name: str, ordered: Flags) -> list[Figure]:
    return [
        Figure.mean_of(section, name, "mAP", retrieval_average_precision(ordered)),
        Figure.mean_of(section, name, f"recall@{SHOWN}", recall_at_k(ordered, SHOWN)),
    ]
