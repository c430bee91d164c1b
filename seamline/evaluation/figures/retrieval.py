"""How much of what a query should find is found, and how early."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import relevance_in_order, retrieval_average_precision, retrieval_values
from seamline.data.copies import COPY_PARTS
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import Searched
from seamline.evaluation.report import Cases

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

READING = "hit@k: one copy at least among the first k; recall@k: share of the copies among them"

SHOWN = 20
"""Hits that somebody looks at."""

OF_COPIES = ("mAP", "hit@1", f"hit@{SHOWN}", f"recall@{SHOWN}")
OF_PAIRS = ("mAP", "hit@1", "hit@5", f"hit@{SHOWN}")
OF_PARTS = ("mAP", f"recall@{SHOWN}")


@dataclasses.dataclass(frozen=True)
class Subset:
    """`queries`: rows of those that count; of these q, `relevant` (q, P), and `hidden` (q, P), the photos that are
    taken out of the gallery."""

    name: str
    queries: NDArray[np.int64]
    relevant: Flags
    hidden: Flags


def of_pairs(searched: Searched) -> Iterator[Cases]:
    """Real pairs by every ranking; the photos of one garment hang together."""
    for ranking, found in searched.results.items():
        yield from among_pairs(searched.problem, ranking.name, found.score)


def among_pairs(problem: QueryGallery, name: str, scores: Floats) -> Iterator[Cases]:
    """The photos of the same garment that one way of comparing, scores (Q, P), finds among all photos."""
    yield from retrieval(problem.name, whole(problem, name), scores, OF_PAIRS, linked(problem))


def of_copies(searched: Searched) -> Iterator[Cases]:
    """Copies by every ranking: among all photos, and among look-alikes."""
    problem = searched.problem
    for ranking, found in searched.results.items():
        yield from among_all(problem, ranking.name, found.score)
    for ranking, found in searched.results.items():
        yield from among_hard_negatives(problem, ranking.name, found.score)


def among_all(
    problem: QueryGallery, name: str, scores: Floats, queries: Sequence[int] | None = None
) -> Iterator[Cases]:
    """The copies that one way of comparing, scores (Q, P), finds among all photos; of all queries or of these."""
    yield from retrieval(problem.title("copies found"), whole(problem, name, queries), scores, OF_COPIES)


def gain(section: str, name: str, problem: QueryGallery, scores: Floats, baseline: Floats) -> Cases:
    """By how much the average precision of one way of comparing, scores (Q, P), is above another's, by query."""
    precision = [retrieval_average_precision(relevance_in_order(one, problem.relevant)) for one in (scores, baseline)]
    return Cases(section, name, "mAP", precision[0] - precision[1], linked(problem))


def among_hard_negatives(problem: QueryGallery, name: str, scores: Floats) -> Iterator[Cases]:
    """The copies among look-alikes only, and how many rank below one."""
    section, subset = problem.title("copies among look-alikes"), hard_negatives(problem, name)
    yield from retrieval(section, subset, scores, ("mAP",))
    shown = np.where(subset.hidden, -np.inf, scores[subset.queries])
    best_alike = np.where(subset.relevant, -np.inf, shown).max(1, initial=-np.inf)
    below = subset.relevant & (shown <= best_alike[:, None])
    share = below.sum(1) / np.maximum(1, subset.relevant.sum(1))
    yield Cases(section, name, "copies below a look-alike", share)


def in_parts(searched: Searched) -> Iterator[Cases]:
    """The first ranking by category, and by what became of the copy."""
    (ranking, found), problem = searched.first, searched.problem
    for subset in by_category(problem):
        yield from retrieval(problem.title(f"{ranking.short}, by category"), subset, found.score, OF_PARTS)
    for subset in by_copy(problem, COPY_PARTS):
        title = problem.title(f"{ranking.short}, by what became of the copy")
        yield from retrieval(title, subset, found.score, OF_PARTS)


def retrieval(
    section: str,
    subset: Subset,
    scores: Floats,
    metrics: Sequence[str],
    groups: NDArray[np.int64] | None = None,
) -> Iterator[Cases]:
    """Metrics of a subset of one way of comparing, scores (Q, P). `groups` (Q,): queries that hang together."""
    shown = np.where(subset.hidden, -np.inf, scores[subset.queries])
    ordered = relevance_in_order(shown, subset.relevant)
    for metric, values in retrieval_values(ordered, metrics).items():
        yield Cases(section, subset.name, metric, values, None if groups is None else groups[subset.queries])


def whole(problem: QueryGallery, name: str, queries: Sequence[int] | None = None) -> Subset:
    """All photos for all queries, or for these."""
    rows = np.arange(problem.queries) if queries is None else np.array(queries, np.int64)
    return Subset(name, rows, problem.relevant[rows], np.zeros((len(rows), problem.photos), bool))


def hard_negatives(problem: QueryGallery, name: str) -> Subset:
    """The copies among look-alikes only. Queries without look-alikes are left out."""
    rows = np.flatnonzero(problem.hard_negative.any(1))
    relevant = problem.relevant[rows]
    return Subset(name, rows, relevant, ~(relevant | problem.hard_negative[rows]))


def by_category(problem: QueryGallery) -> Iterator[Subset]:
    """The queries by the original's category."""
    categories = np.array(problem.query_category)
    for category in sorted(set(problem.query_category)):
        yield whole(problem, category, np.flatnonzero(categories == category).tolist())


def by_copy(problem: QueryGallery, regions: Sequence[str]) -> Iterator[Subset]:
    """By what became of the copies: the other copies of a query are taken out of the gallery. `regions`: names of those
    that copies can have redesigned."""
    for name, flags in (*_kinds(problem, regions), *_edits(problem)):
        wanted = np.zeros(problem.photos, bool)
        wanted[problem.first_copy :] = flags
        rows = np.flatnonzero((problem.relevant & wanted).any(1))
        if len(rows):
            relevant = problem.relevant[rows]
            yield Subset(name, rows, relevant & wanted, relevant & ~wanted)


def _kinds(problem: QueryGallery, regions: Sequence[str]) -> Iterator[tuple[str, Flags]]:
    """Names of kinds of copies, and which copies are of that kind."""
    for index, region in enumerate(regions):
        redesigned = [index in one.redesigned for one in problem.copies]
        yield f"{region.replace('_', ' ')} redesigned", np.array(redesigned, bool)
    for count, name in enumerate(("no region", "1 region", "2 regions")):
        yield f"{name} redesigned", np.array([len(one.redesigned) == count for one in problem.copies], bool)
    mirrored = np.array([one.mirrored for one in problem.copies], bool)
    yield "mirrored", mirrored
    yield "not mirrored", ~mirrored


def _edits(problem: QueryGallery) -> Iterator[tuple[str, Flags]]:
    for edit in sorted({edit for one in problem.copies for edit in one.edits}):
        yield f"edit: {edit}", np.array([edit in one.edits for one in problem.copies], bool)


def linked(problem: QueryGallery) -> NDArray[np.int64]:
    """A number (Q,) for each query, the same for queries that are relevant to one another: they hang together."""
    group = problem.query_photo.copy()
    beside = problem.relevant[:, problem.query_photo] | np.eye(problem.queries, dtype=bool)
    for _ in group:
        group = np.where(beside, group[None], problem.photos).min(1)
    return group
