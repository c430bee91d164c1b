"""Parts of a search problem: some of its queries, some of what they should find, among some of the photos."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.evaluation.protocol import QueryGallery

Flags = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Subset:
    """`queries`: rows of those that count; of these q, `relevant` (q, P), and `hidden` (q, P), the photos that are
    taken out of the gallery."""

    name: str
    queries: NDArray[np.int64]
    relevant: Flags
    hidden: Flags


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
