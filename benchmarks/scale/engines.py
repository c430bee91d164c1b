"""What answers a search: the step `retrieve` before a Milvus server, or FAISS in this process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import faiss  # type: ignore[import-untyped, unused-ignore]
import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.catalogue import Catalogue
from benchmarks.scale.folder import COLLECTION
from benchmarks.scale.plans import TOP, Plan
from benchmarks.scale.real import Floats
from seamline.core.spec import CATEGORIES, Spec
from seamline.index.search_params import limit_for, search_width_for
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Setting, as_bytes

_faiss: Any = faiss
"""Its type stubs know neither HNSW's parameters nor selectors of arrays."""


class Engine(Protocol):
    """Anything that finds the TOP best garments."""

    def search(self, plan: Plan, query: Floats, category: int) -> Floats:
        """Exact scores of the hits for one garment (P, D), best first."""
        ...


class Step:
    """The step `retrieve`, as the ensemble calls it."""

    def __init__(self, uri: str, spec: Spec, parameters: Mapping[str, str], top_k: int = TOP) -> None:
        os.environ["SEAMLINE_MILVUS_URI"] = uri
        self._retrieve, self._top_k = Retrieve(Setting(spec, parameters)), top_k

    def search(self, plan: Plan, query: Floats, category: int) -> Floats:
        """Exact scores of the hits for one garment (P, D), best first."""
        own = as_bytes((CATEGORIES[category],), (1,))
        answer = self._retrieve(
            {
                "HEAD_EMBEDDING": query[None],
                "COUNT": np.array([1], np.int32),
                "CATEGORY": own,
                "COLLECTION": as_bytes((COLLECTION,), (1,)),
                "TOP_K": np.array([self._top_k], np.int32),
                "RANKING": as_bytes((plan.ranking,), (1,)),
                "PART_WEIGHTS": None if plan.weights is None else np.array(plan.weights, np.float32),
                "CATEGORIES": own if plan.filtered else None,
            }
        )
        return answer["HIT_SCORE"][0]


class Faiss:
    """An HNSW index of FAISS with the vectors in this process: what Milvus would cost without Milvus."""

    def __init__(
        self, file: Path, catalogue: Catalogue, spec: Spec, cohort: Floats, candidates: int = 0, search_width: int = 0
    ) -> None:
        """Reads the index from `file`, or builds it there. `candidates`, `search_width`: the least, as for `Step`."""
        self._limit = max(candidates, limit_for(TOP, catalogue.size))
        self._search_width = max(search_width, search_width_for(catalogue.size))
        self._spec = spec
        self._cohort = cohort
        self._category = np.concatenate([garments.category for _, garments in catalogue.chunks()])
        self._incomplete = np.concatenate([~garments.vectors.any(-1).all(-1) for _, garments in catalogue.chunks()])
        if not file.is_file():
            _write(file, catalogue, spec)
        self._index = _faiss.read_index(str(file))
        storage = _faiss.downcast_index(self._index.storage)
        self._vectors = faiss.rev_swig_ptr(storage.get_xb(), catalogue.size * self._index.d).reshape(
            catalogue.size, len(spec.parts), -1
        )
        faiss.omp_set_num_threads(1)

    def search(self, plan: Plan, query: Floats, category: int) -> Floats:
        """Exact scores of the hits for one garment (P, D), best first."""
        scorer = plan.scorer(query, category, self._spec, self._cohort)
        vectors = scorer.ranking.query_vectors(scorer.query)
        among = self._category == category if plan.filtered else None
        found = [self._nearest(vectors.every, among)]
        if len(vectors.incomplete):
            found.append(
                self._nearest(vectors.incomplete, self._incomplete if among is None else self._incomplete & among)
            )
        rows = np.unique(np.concatenate(found))
        return -np.sort(-scorer.score(self._vectors[rows[rows >= 0]]).score)[:TOP]

    def _nearest(self, queries: Floats, among: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        parameters: dict[str, Any] = {"efSearch": max(self._search_width, self._limit)}
        if among is not None:
            chosen = np.flatnonzero(among)
            if len(chosen) < 0.07 * len(among):  # as Milvus does: few enough to compare all
                products = self._vectors[chosen].reshape(len(chosen), queries.shape[1]) @ queries.T
                return chosen[np.argsort(-products, axis=0)[: self._limit]].reshape(-1)
            parameters["sel"] = _faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))
        return self._walked(queries, _faiss.SearchParametersHNSW(**parameters))

    def _walked(self, queries: Floats, parameters: Any) -> NDArray[np.int64]:
        # By pointers: libraries that bring faiss together with torch replace `search` by one that takes no parameters.
        wanted = np.ascontiguousarray(queries)
        products = np.empty((len(wanted), self._limit), np.float32)
        rows = np.empty(products.shape, np.int64)
        pointers = [_faiss.swig_ptr(array) for array in (wanted, products, rows)]
        self._index.search_c(len(wanted), pointers[0], self._limit, *pointers[1:], parameters)
        return rows.reshape(-1)


def _write(file: Path, catalogue: Catalogue, spec: Spec) -> None:
    index = faiss.IndexHNSWFlat(len(spec.parts) * spec.parts.dimension, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 200
    for _, garments in catalogue.chunks():
        index.add(garments.vectors.reshape(len(garments.vectors), -1))
    partial = file.with_suffix(".partial")
    faiss.write_index(index, str(partial))
    partial.replace(file)
