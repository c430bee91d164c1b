"""The best candidates of a query garment as tensors of the wire."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import Parts
from seamline.index import Candidates
from seamline.ranking.rerank import Candidate, PairScorer, rerank_order
from seamline.ranking.scorer import Scorer, Scores
from seamline.ranking.similarity import Floats
from seamline.serving.step import Array, as_bytes


@dataclasses.dataclass(frozen=True)
class Hits:
    """N garments, best first: their scores, vectors (N, P, D) and records (JSON)."""

    scores: Scores
    vectors: Floats
    records: tuple[str, ...]

    @classmethod
    def ranked(cls, scorer: Scorer, found: Candidates, most: int) -> Hits:
        """The `most` best of the candidates."""
        scores = scorer.score(found.vectors)
        order = np.argsort(-scores.score, kind="stable")[:most]
        return cls(scores, found.vectors, found.records)._taken(order)

    def reranked(self, pairs: PairScorer, query: Candidate) -> Hits:
        """The first `top_n` in the order of a re-ranker, with its scores; the others follow as they are."""
        first = [self._candidate(row) for row in range(min(pairs.top_n, len(self.records)))]
        if not first:
            return self
        told = pairs.score(query, first)
        scores = dataclasses.replace(self.scores, score=_with_first(self.scores.score, told.score))
        if told.copy_probability is not None:
            probability = _with_first(self.scores.copy_probability, told.copy_probability)
            scores = dataclasses.replace(scores, copy_probability=probability)
        return dataclasses.replace(self, scores=scores)._taken(rerank_order(told.score, len(self.records)))

    def first(self, count: int) -> Hits:
        """The best ones."""
        return self._taken(np.arange(min(count, len(self.records))))

    def _candidate(self, row: int) -> Candidate:
        mirrored = bool(self.scores.mirrored[row])
        return Candidate.of_record(self.vectors[row], self.records[row], mirrored=mirrored)

    def _taken(self, rows: NDArray[np.int64]) -> Hits:
        scores = Scores(*(getattr(self.scores, field.name)[rows] for field in dataclasses.fields(Scores)))
        return Hits(scores, self.vectors[rows], tuple(self.records[row] for row in rows))


def _with_first(values: Floats, first: Floats) -> Floats:
    return np.concatenate([np.asarray(first, np.float32), values[len(first) :]])


def hit_tensors(hits: Sequence[Hits], parts: Parts) -> dict[str, Array]:
    """The hits of n garments side by side; a garment with fewer hits than another is padded with "" and NaN."""
    shape = len(hits), max((len(hit.records) for hit in hits), default=0)
    score, probability = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    similarity = np.full((*shape, len(parts)), np.nan, np.float32)
    mirrored = np.zeros(shape, np.bool_)
    records = [list(hit.records) + [""] * (shape[1] - len(hit.records)) for hit in hits]
    for row, hit in enumerate(hits):
        columns = slice(len(hit.records))
        score[row, columns] = hit.scores.score
        similarity[row, columns] = hit.scores.part_similarity
        probability[row, columns] = hit.scores.copy_probability
        mirrored[row, columns] = hit.scores.mirrored
    flat = [record for row in records for record in row]
    return {
        "HIT_ID": as_bytes([_garment_id(record) for record in flat], shape),
        "HIT_SCORE": score,
        "HIT_PART_SIMILARITY": similarity,
        "HIT_COPY_PROBABILITY": probability,
        "HIT_MIRRORED": mirrored,
        "HIT_GARMENT": as_bytes(flat, shape),
    }


def _garment_id(record: str) -> str:
    if not record:
        return ""
    garment = json.loads(record)
    return f"{garment['item']}#{garment['garment']}"
