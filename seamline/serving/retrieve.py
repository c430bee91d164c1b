"""retrieve: vectors of parts -> candidates from Milvus -> exact scores -> ranked hits."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from seamline.core.errors import InternalError, NotFound, SeamlineError
from seamline.core.versions import describe
from seamline.index import Candidates, Collection, Index
from seamline.index.search_params import SearchParams, limit_for, search_width_for
from seamline.index.snapshot import Snapshot, SnapshotKeeper
from seamline.ranking.rerank import Candidate, PairScorer
from seamline.ranking.scorer import Scorer, check_weights
from seamline.ranking.similarity import Floats
from seamline.serving import bounds, progress
from seamline.serving.candidate_retrieval import CandidateQuery, CandidateRetrieval
from seamline.serving.exact_retrieval import exact_candidates
from seamline.serving.hits import Hits, hit_tensors
from seamline.serving.search_options import SearchOptions
from seamline.serving.shared_state import shared_path
from seamline.serving.step import Array, Setting, Tensors, as_bytes, texts
from seamline.systems import SYSTEMS, system_named

_GROWTH = 0.1
"""Share by which a collection may grow or shrink before another sample of it is drawn."""


@dataclasses.dataclass
class _Cached:
    """A collection with what is remembered of it for a few seconds.

    `sampled`: its rows when the cohort was drawn; `incomplete`: rows that lack parts; `snapshot`: all of its rows,
    where they are known for this one search.
    """

    collection: Collection
    rows: int
    incomplete: int
    cohort: Floats
    sampled: int
    until: float
    snapshot: Snapshot | None = None

    def still_sampled(self, collection: Collection, rows: int) -> bool:
        """Whether the cohort still stands for a collection that has `rows` now."""
        same = collection.physical == self.collection.physical
        return same and abs(rows - self.sampled) <= _GROWTH * self.sampled


class Retrieve:
    """HEAD_EMBEDDING (m, P, D), COUNT n, CATEGORY (n,) and options -> EMBEDDING (n, P, D), hits (n, k) and VERSIONS.

    Parameters: max_top_k; candidates, the rows that each query vector of a garment brings to be scored exactly;
    search_width, the rows that the index visits for it; both are the least, and grow with the collection as
    `limit_for` and `search_width_for` say; exact_rows, the garments of a collection up to which every row is looked at,
    in memory, 0 for never; costly_above, the garments times TOP_K from which a search through the index is costly;
    refresh_seconds, how long a collection's size and cohort are remembered;
    rerank, "off" to leave out the re-ranker that a system may have. The index's address comes from SEAMLINE_MILVUS_URI,
    its token and certificates from SEAMLINE_MILVUS_TOKEN, _CA, _CERT, _KEY and _SERVER_NAME.
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "HEAD_EMBEDDING",
        "COUNT",
        "CATEGORY",
        "COLLECTION",
        "TOP_K",
        "RANKING",
        "PART_WEIGHTS",
        "CATEGORIES",
    )
    outputs: ClassVar[tuple[str, ...]] = (
        "EMBEDDING",
        "HIT_ID",
        "HIT_SCORE",
        "HIT_PART_SIMILARITY",
        "HIT_COPY_PROBABILITY",
        "HIT_MIRRORED",
        "HIT_GARMENT",
        "VERSIONS",
    )

    def __init__(self, setting: Setting) -> None:
        self._spec = setting.spec
        self._max_top_k = setting.number("max_top_k", 200)
        self._candidates = setting.number("candidates", 16)
        self._search_width = setting.number("search_width", 100)
        self._costly_above = setting.number("costly_above", 100)
        self._refresh = setting.number("refresh_seconds", 5)
        self._reranker = _reranker(setting)
        self._index = Index.from_environment()
        self._opened: dict[str, _Cached] = {}
        most = setting.number("exact_rows", 0)
        self._snapshots = SnapshotKeeper(self._index, shared_path("snapshots"), most) if most else None

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        options = SearchOptions.of(tensors, self._max_top_k, self._spec)
        queries = self._queries(tensors)
        try:
            return self._attempt(queries, options)
        except NotFound:  # what was remembered is gone, and another collection may answer in its place
            return self._attempt(queries, options)

    def _queries(self, tensors: Tensors) -> list[Candidate]:
        rows, parts = bounds.rows(tensors, "HEAD_EMBEDDING", self._spec.detector.max_garments), self._spec.parts
        vectors = bounds.vectors(tensors, "HEAD_EMBEDDING", (rows, len(parts), parts.dimension))
        count = bounds.garments(tensors, rows)
        bounds.tensor(tensors, "CATEGORY", (count,))
        return [Candidate(*one) for one in zip(vectors[:count], texts(tensors, "CATEGORY", count), strict=True)]

    def _attempt(self, queries: list[Candidate], options: SearchOptions) -> Mapping[str, Array]:
        try:
            return self._answer(queries, options, self._open(options.collection))
        except SeamlineError:
            self._opened.pop(options.collection, None)  # it may have been dropped or swapped since it was remembered
            raise

    def _answer(self, queries: list[Candidate], options: SearchOptions, opened: _Cached) -> Mapping[str, Array]:
        shape = (len(queries), len(self._spec.parts), self._spec.parts.dimension)
        scorers = [self._scorer(query, options, opened) for query in queries]
        hits = self._hits(queries, scorers, options, opened)
        return {
            "EMBEDDING": np.array([query.vectors for query in queries], np.float32).reshape(shape),
            **hit_tensors(hits, self._spec.parts),
            "VERSIONS": as_bytes((json.dumps(self._versions(scorers, options, opened)),), (1,)),
        }

    def _open(self, name: str) -> _Cached:
        if self._snapshots is None:
            return self._remembered(name) or self._sized(name, self._described(name))
        collection = self._described(name)
        snapshot = self._snapshots.current(collection)
        if snapshot is not None:
            return _Cached(collection, snapshot.rows, 0, snapshot.cohort, snapshot.rows, 0.0, snapshot)
        known = self._remembered(name)
        same = known is not None and known.collection.physical == collection.physical
        return known if known is not None and same else self._sized(name, collection)

    def _described(self, name: str) -> Collection:
        collection = self._index.open(name, self._spec.fingerprint)
        collection.check(self._spec.fingerprint)
        return collection

    def _remembered(self, name: str) -> _Cached | None:
        known = self._opened.get(name)
        return known if known is not None and time.monotonic() < known.until else None

    def _sized(self, name: str, collection: Collection) -> _Cached:
        known = self._opened.get(name)
        rows, incomplete = collection.rows("Bounded"), collection.incomplete()
        if known is not None and known.still_sampled(collection, rows):
            cohort, sampled = known.cohort, known.sampled
        else:
            cohort, sampled = collection.cohort(rows), rows
        until = time.monotonic() + self._refresh
        self._opened[name] = _Cached(collection, rows, incomplete, cohort, sampled, until)
        return self._opened[name]

    def _scorer(self, query: Candidate, options: SearchOptions, opened: _Cached) -> Scorer:
        weights = options.weights
        if weights is None:
            learnt = np.array(self._spec.scoring.weights_for(query.category), np.float32)
            weights = check_weights(learnt, self._spec.parts)
        return Scorer.of_spec(self._spec, query.vectors, options.ranking, weights, opened.cohort)

    def _hits(
        self, queries: list[Candidate], scorers: list[Scorer], options: SearchOptions, opened: _Cached
    ) -> list[Hits]:
        pairs = self._reranker
        most = options.top_k if pairs is None else max(options.top_k, pairs.top_n)
        if opened.snapshot is not None:
            found = exact_candidates(opened.snapshot, scorers, options.categories, most)
        else:
            found = self._candidates_of(scorers, options, most, opened)
        hits = [Hits.ranked(scorer, rows, most) for scorer, rows in zip(scorers, found, strict=True)]
        if pairs is None:
            return hits
        reranked = [one.reranked(pairs, query) for one, query in zip(hits, queries, strict=True)]
        return [one.first(options.top_k) for one in reranked]

    def _candidates_of(
        self, scorers: list[Scorer], options: SearchOptions, most: int, opened: _Cached
    ) -> list[Candidates]:
        limit = max(self._candidates, limit_for(most, opened.rows))
        width = max(self._search_width, search_width_for(opened.rows))
        params = SearchParams(limit, options.categories, search_width=width)
        retrieval = CandidateRetrieval(params, limit, opened.incomplete > 0)
        queries = [CandidateQuery.of(scorer.ranking, scorer.query) for scorer in scorers]
        if len(queries) * options.top_k > self._costly_above:
            progress.claim(progress.Cost.COSTLY_SEARCH)
        return retrieval.candidates(opened.collection, queries)

    def _versions(self, scorers: list[Scorer], options: SearchOptions, opened: _Cached) -> dict[str, Any]:
        weights = [[round(float(weight), 6) for weight in scorer.query.weights] for scorer in scorers]
        return {
            **describe(self._spec),
            "ranking": options.ranking.name,
            "reranker": None if self._reranker is None else self._reranker.name,
            "part_weights": weights[0] if weights else list(self._spec.scoring.weights_for("default")),
            "garment_part_weights": weights,
            "garment_cohort_score": [_rounded(scorer.cohort_score) for scorer in scorers],
            "index": {
                "alias": opened.collection.name,
                "collection": opened.collection.physical,
                "rows": opened.rows,
                "search": "candidates" if opened.snapshot is None else "exact",
                "fingerprint": opened.collection.fingerprint,
            },
        }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def _reranker(setting: Setting) -> PairScorer | None:
    """The re-ranker of the step's system, from the folder of the step's version; None where it has none or it is off.

    Raises InternalError for another value of the parameter.
    """
    choice = setting.parameters.get("rerank", "on")
    if choice not in ("on", "off"):
        raise InternalError(f"the parameter rerank in config.pbtxt must be on or off, not {choice!r}")
    system = setting.spec.system
    if choice == "off" or setting.folder is None or system not in SYSTEMS:
        return None
    opened = system_named(system).rerank
    return None if opened is None else opened(setting.folder)
