"""A collection that lives in arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seamline.index.candidates import Candidates, SearchResult
from seamline.index.search_params import SearchParams
from seamline.ranking.similarity import Floats


class ArrayCollection:
    """What the step `retrieve` asks of a collection, answered exactly; `calls` says how it was asked."""

    name = physical = "arrays"

    def __init__(self, vectors: Floats, records: Sequence[str] = (), fingerprint: str = "") -> None:
        self.vectors, self.fingerprint = vectors, fingerprint
        self._records = records or [str(row) for row in range(len(vectors))]
        self.calls: list[str] = []

    def check(self, fingerprint: str) -> None:
        assert fingerprint == self.fingerprint

    def rows(self, consistency: str | None = None) -> int:
        return len(self.vectors)

    def incomplete(self) -> int:
        return int((~self.vectors.any(-1).all(-1)).sum())

    def cohort(self, rows: int) -> Floats:
        return self.vectors[:0]

    def _best(self, vector: Floats, params: SearchParams) -> list[int]:
        products = self.vectors.reshape(len(self.vectors), -1) @ vector
        if params.incomplete:
            products = np.where(self.vectors.any(-1).all(-1), -np.inf, products)
        order = np.argsort(-products)[: params.limit]
        return [int(row) for row in order if np.isfinite(products[row])]

    def candidates_of(self, queries: Sequence[Floats], params: SearchParams) -> list[Candidates]:
        self.calls.append("rows")
        return [self._rows(sorted({row for vector in each for row in self._best(vector, params)})) for each in queries]

    def search(self, queries: Sequence[Floats], params: SearchParams) -> list[SearchResult]:
        self.calls.append("keys")
        return [self._found(each, params) for each in queries]

    def fetch(self, keys: Sequence[Sequence[str]]) -> list[Candidates]:
        self.calls.append("fetch")
        return [self._rows([int(key) for key in each]) for each in keys]

    def _rows(self, rows: list[int]) -> Candidates:
        keys = tuple(str(row) for row in rows)
        return Candidates(keys, self.vectors[rows], tuple(self._records[row] for row in rows))

    def _found(self, queries: Floats, params: SearchParams) -> SearchResult:
        brought = [self._best(vector, params) for vector in queries]
        rows = sorted({row for each in brought for row in each})
        exact = self.vectors[rows].reshape(len(rows), -1) @ queries.T
        known = np.array([[row in each for each in brought] for row in rows])
        products = np.where(known, exact, np.nan).astype(np.float32)
        present = self.vectors[rows].any(-1) @ (1 << np.arange(self.vectors.shape[1]))
        return SearchResult(tuple(map(str, rows)), products, np.nanmin(products, 0), present)
