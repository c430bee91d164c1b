"""Which rows are fetched, of a collection that lives in arrays."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.errors import DeadlineExceeded
from seamline.core.parts import unnamed_parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.index.candidates import Candidates
from seamline.index.search_params import SearchParams
from seamline.ranking import RANKINGS
from seamline.ranking.scorer import Scorer
from seamline.ranking.similarity import Floats
from seamline.serving import candidate_retrieval, progress
from seamline.serving.candidate_retrieval import CandidateQuery, CandidateRetrieval
from tests.support.array_collection import ArrayCollection

SPEC = Spec("five", unnamed_parts(16), ScoringSpec.of_parts(5))
KEPT = 20


def unit(*shape: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def collection() -> ArrayCollection:
    vectors = unit(3000, 5, 16, seed=1)
    vectors[::50, 2:] = 0
    return ArrayCollection(vectors)


def scorer(ranking: str, seed: int, *weights: float) -> Scorer:
    weighed = np.array(weights or (0.2,) * 5, np.float32)
    return Scorer.of_spec(SPEC, unit(5, 16, seed=seed), RANKINGS[ranking], weighed)


def query(ranking: str, seed: int) -> CandidateQuery:
    return asked(scorer(ranking, seed))


def asked(of: Scorer) -> CandidateQuery:
    return CandidateQuery.of(of.ranking, of.query)


def found_best(of: Scorer, rows: Candidates, collection: ArrayCollection, top: int = 10) -> float:
    best = set(np.argsort(-of.score(collection.vectors).score)[:top].tolist())
    return len(best & {int(key) for key in rows.keys}) / top


@pytest.mark.parametrize(
    ("ranking", "weights"),
    [("weighted", ()), ("weighted", (0.7, 0.1, 0.1, 0.05, 0.05)), ("global", ()), ("partial", ())],
)
@pytest.mark.parametrize("few_rows", [0, 10_000])
def test_the_best_garments_are_among_the_rows(
    ranking: str,
    weights: tuple[float, ...],
    few_rows: int,
    collection: ArrayCollection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidate_retrieval, "_FEW_ROWS", few_rows)
    scorers = [scorer(ranking, seed, *weights) for seed in range(2, 6)]
    rows = CandidateRetrieval(SearchParams(40), 40, True).candidates(collection, [asked(each) for each in scorers])  # type: ignore[arg-type]
    assert np.mean([found_best(*each, collection) for each in zip(scorers, rows, strict=True)]) > 0.95


def test_a_photo_with_several_garments_takes_as_many_calls_as_one(collection: ArrayCollection) -> None:
    queries = [query("weighted", seed) for seed in range(4)]
    CandidateRetrieval(SearchParams(60), KEPT, True).candidates(collection, queries)  # type: ignore[arg-type]
    assert collection.calls == ["keys", "keys", "fetch"]


def test_many_rows_are_asked_for_in_parts_while_the_answer_is_wanted(collection: ArrayCollection) -> None:
    class Counting:
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks > 3:
                raise DeadlineExceeded("nobody waits")

        def claim(self, cost: progress.Cost) -> None:
            raise AssertionError("who retrieves candidates does not know what is costly")

    retrieval, counting = CandidateRetrieval(SearchParams(500), KEPT, True), Counting()
    queries = [query("weighted", seed) for seed in range(8)]
    expected = [retrieval.candidates(collection, [one])[0].keys for one in queries[:3]]  # type: ignore[arg-type]
    collection.calls.clear()
    with progress.told_to(counting), pytest.raises(DeadlineExceeded):
        retrieval.candidates(collection, queries)  # type: ignore[arg-type]
    assert collection.calls == ["keys", "keys", "fetch"] * 3
    assert [one.keys for one in retrieval.candidates(collection, queries[:3])] == expected  # type: ignore[arg-type]


def test_no_more_rows_are_fetched_than_are_to_be_kept(collection: ArrayCollection) -> None:
    (rows,) = CandidateRetrieval(SearchParams(60), KEPT, True).candidates(collection, [query("weighted", 3)])  # type: ignore[arg-type]
    assert len(rows.keys) == KEPT


def test_a_collection_without_incomplete_garments_is_not_asked_for_them(collection: ArrayCollection) -> None:
    CandidateRetrieval(SearchParams(10), KEPT, False).candidates(collection, [query("weighted", 3)])  # type: ignore[arg-type]
    assert collection.calls == ["rows"]


def test_a_photo_without_garments_asks_for_nothing(collection: ArrayCollection) -> None:
    assert CandidateRetrieval(SearchParams(10), KEPT, True).candidates(collection, []) == []  # type: ignore[arg-type]
    assert not collection.calls
