"""The rows of a collection that a ranking's best garments are among, with vectors and records.

Vectors are most of what a search costs. So the query vectors bring keys and inner products only, and the bound that
these give decides which rows are fetched by a second call; where they bring few rows, all come with the first call.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.index import Candidates, Collection
from seamline.index.candidates import SearchResult, joined
from seamline.index.search_params import SearchParams
from seamline.ranking import Query, QueryVectors, Ranking
from seamline.ranking.similarity import Floats
from seamline.serving import progress

_FEW_ROWS = 160
"""Rows brought for a garment up to which a second call costs more than it saves."""

_AT_ONCE = 1600
"""Rows that query vectors bring with one call: as lists of Python numbers they are eight times as large as stored."""

_LACKING = 1000
"""Rows that a query vector among garments that lack parts brings: products tell little of those, and they are few."""


@dataclasses.dataclass(frozen=True)
class CandidateQuery:
    """What one garment asks an index for by a ranking."""

    ranking: Ranking
    query: Query
    vectors: QueryVectors

    @classmethod
    def of(cls, ranking: Ranking, query: Query) -> CandidateQuery:
        """The ranking's own query vectors."""
        return cls(ranking, query, ranking.query_vectors(query))

    @property
    def is_bounded(self) -> bool:
        """Whether inner products tell which garments are worth being fetched."""
        return self._attainable(np.zeros(0, np.int64)) is not None

    def score_bounds(self, found: SearchResult) -> Floats:
        """The score (n,) that garments can have at most, compared straight or flipped, by their inner products.

        The first two query vectors are those of the score itself; a product that is not known is no larger than that
        of the last row which the query vector brought.
        """
        known = np.where(np.isnan(found.products), found.last, found.products)[:, :2]
        return self._scored(known.max(-1), found.present)

    def score_bounds_of_incomplete(self, found: SearchResult) -> Floats:
        """The same (n,) of garments that lack parts, of whose products one is known at least."""
        return self._scored(np.nanmax(found.products, -1), found.present)

    def _scored(self, products: Floats, present: NDArray[np.int64]) -> Floats:
        attainable = self._attainable(present)
        if attainable is None:
            raise ValueError(f"the ranking {self.ranking.name} has no bound")
        return np.asarray(products / attainable, np.float32)

    def _attainable(self, present: NDArray[np.int64]) -> Floats | None:
        bits = (present[:, None] >> np.arange(len(self.query.parts))) & 1
        return self.ranking.attainable(self.query, bits.astype(np.float32))


@dataclasses.dataclass(frozen=True)
class CandidateRetrieval:
    """How rows are chosen. `params`: what each query vector brings; `keep`: rows that are fetched for a garment;
    `has_incomplete`: whether the collection holds garments that lack parts."""

    params: SearchParams
    keep: int
    has_incomplete: bool

    def candidates(self, collection: Collection, queries: Sequence[CandidateQuery]) -> list[Candidates]:
        """The rows for each garment, in as few calls as memory allows.

        Raises what `progress.check` raises.
        """
        found: list[Candidates] = []
        while len(found) < len(queries):
            progress.check()
            rows = max(len(each.vectors.every) for each in queries) * self.params.limit
            found += self._few(collection, queries[len(found) :][: max(1, _AT_ONCE // rows)], rows)
        return found

    def _few(self, collection: Collection, queries: Sequence[CandidateQuery], rows: int) -> list[Candidates]:
        if rows <= _FEW_ROWS or not all(each.is_bounded for each in queries):
            return self._at_once(collection, queries)
        return self._chosen(collection, queries)

    def _at_once(self, collection: Collection, queries: Sequence[CandidateQuery]) -> list[Candidates]:
        answers = [collection.candidates_of([each.vectors.every for each in queries], self.params)]
        if self._ask_incomplete(queries):
            lacking = [each.vectors.incomplete for each in queries]
            answers.append(collection.candidates_of(lacking, self._among_incomplete(self.params.limit)))
        return [joined(each) for each in zip(*answers, strict=True)]

    def _chosen(self, collection: Collection, queries: Sequence[CandidateQuery]) -> list[Candidates]:
        found = collection.search([each.vectors.every for each in queries], self.params)
        bounds = [_by_key(one, each.score_bounds(one)) for each, one in zip(queries, found, strict=True)]
        if self._ask_incomplete(queries):
            lacking = [each.vectors.incomplete for each in queries]
            found = collection.search(lacking, self._among_incomplete(_LACKING))
            for known, each, one in zip(bounds, queries, found, strict=True):
                known.update(_by_key(one, each.score_bounds_of_incomplete(one)))
        kept = [sorted(known, key=known.__getitem__, reverse=True)[: self.keep] for known in bounds]
        return collection.fetch(kept)

    def _ask_incomplete(self, queries: Sequence[CandidateQuery]) -> bool:
        return self.has_incomplete and any(len(each.vectors.incomplete) for each in queries)

    def _among_incomplete(self, limit: int) -> SearchParams:
        return dataclasses.replace(self.params, incomplete=True, limit=max(limit, self.params.limit))


def _by_key(found: SearchResult, bounds: Floats) -> dict[str, float]:
    return dict(zip(found.keys, bounds.tolist(), strict=True))
