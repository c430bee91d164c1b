"""Exact retrieval against brute force, for every ranking that a search can have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seamline.core.spec import CATEGORIES, Spec
from seamline.index.changes import Changes
from seamline.index.snapshot.reading import Snapshot
from seamline.index.snapshot.segment import Rows, Segment
from seamline.ranking import RANKINGS, Ranking
from seamline.ranking.scorer import Scorer, check_weights
from seamline.ranking.similarity import Floats
from seamline.serving.exact_retrieval import exact_candidates
from seamline.serving.hits import Hits
from seamline.serving.weights import newest
from tests.support.repositories import MODEL_REPOSITORY

SPEC = Spec.load(newest(MODEL_REPOSITORY, "retrieve") / "spec.json")
ROWS, REMOVED = 900, frozenset({3, 500})


@pytest.fixture(scope="module")
def vectors() -> Floats:
    """Garments in a few clusters; of every seventh some parts are absent, and one has none at all."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(12, len(SPEC.parts), SPEC.parts.dimension))
    found = centres[np.arange(ROWS) % 12] + 0.9 * random.normal(size=(ROWS, len(SPEC.parts), SPEC.parts.dimension))
    found /= np.linalg.norm(found, axis=-1, keepdims=True)
    found[::7] *= random.random((len(found[::7]), len(SPEC.parts), 1)) < 0.6
    found[77] = 0
    return found.astype(np.float32)


@pytest.fixture(scope="module")
def snapshot(vectors: Floats, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("snapshot")
    segments = [_segment(folder, vectors, range(start, min(start + 400, ROWS))) for start in range(0, ROWS, 400)]
    return Snapshot(tuple(segments), (REMOVED, frozenset[int](), frozenset[int]()), Changes(), 0.0)


def _segment(folder: Path, vectors: Floats, rows: range) -> Segment:
    mine = vectors[rows.start : rows.stop]
    present = mine.any(-1) @ (1 << np.arange(len(SPEC.parts)))
    categories = np.array(rows) % len(CATEGORIES)
    records = [f'{{"row": {row}}}'.encode() for row in rows]
    keys = [f"{row:046x}" for row in rows]
    return Segment.written(folder, Rows(keys, mine, records, np.zeros(len(rows), np.int64), present, categories))


@pytest.mark.parametrize("ranking", RANKINGS.values(), ids=RANKINGS.keys())
@pytest.mark.parametrize("categories", [(), CATEGORIES[2:5]], ids=["all", "some"])
def test_the_best_200_are_those_of_brute_force(
    ranking: Ranking, categories: tuple[str, ...], vectors: Floats, snapshot: Snapshot
) -> None:
    weights = check_weights(np.array([0.4, 0.3, 0.1, 0.1, 0.1, 0.2, 0.1], np.float32), SPEC.parts)
    queries = [vectors[0], vectors[500][::-1].copy(), vectors[13], vectors[77]]
    scorers = [Scorer.of_spec(SPEC, query, ranking, weights, vectors[:50]) for query in queries]
    allowed = [
        row
        for row in range(ROWS)
        if row not in REMOVED and (not categories or CATEGORIES[row % len(CATEGORIES)] in categories)
    ]
    for scorer, found in zip(scorers, exact_candidates(snapshot, scorers, categories, 200), strict=True):
        expected = scorer.score(vectors[allowed])
        order = np.argsort(-expected.score, kind="stable")[:200]
        hits = Hits.ranked(scorer, found, 200)
        assert np.allclose(hits.scores.score, expected.score[order], rtol=1e-5, atol=1e-5)
        rows = [int(key, 16) for key in found.keys]
        assert set(rows) <= set(allowed)
        # Rows other than those of brute force have the score of the last, to the rounding of a product.
        strangers = set(rows) ^ {allowed[number] for number in order}
        last = expected.score[order[-1]]
        assert all(abs(expected.score[allowed.index(row)] - last) < 1e-4 for row in strangers)


def test_many_garments_at_once_are_answered_as_one_by_one(
    vectors: Floats, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = check_weights(np.ones(len(SPEC.parts), np.float32), SPEC.parts)
    scorers = [Scorer.of_spec(SPEC, vectors[row], RANKINGS["partial"], weights) for row in range(16)]
    together = exact_candidates(snapshot, scorers, (), 10)
    monkeypatch.setattr("seamline.serving.exact_retrieval._AT_ONCE", 1)
    assert [found.keys for found in exact_candidates(snapshot, scorers, (), 10)] == [each.keys for each in together]


def test_no_row_of_the_categories_gives_no_candidate(vectors: Floats, tmp_path: Path) -> None:
    scorer = Scorer.of_spec(
        SPEC, vectors[0], RANKINGS["global"], check_weights(np.ones(len(SPEC.parts), np.float32), SPEC.parts)
    )
    empty = Snapshot((), (), Changes(), 0.0)
    assert (empty.rows, len(empty.cohort)) == (0, 0)
    for snapshot, categories in ((empty, ()), (_only_first(vectors, tmp_path), CATEGORIES[1:2])):
        (found,) = exact_candidates(snapshot, [scorer], categories, 10)
        assert (found.keys, found.vectors.shape) == ((), (0, len(SPEC.parts), SPEC.parts.dimension))
        assert len(Hits.ranked(scorer, found, 10).records) == 0


def _only_first(vectors: Floats, folder: Path) -> Snapshot:
    return Snapshot((_segment(folder, vectors, range(1)),), (frozenset[int](),), Changes(), 0.0)
