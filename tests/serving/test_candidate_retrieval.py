"""Which rows a shortlist fetches, with a collection that lives in arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import seamline.serving.candidate_retrieval
from seamline.core.spec import ScoringSpec
from seamline.index.candidates import Candidates, Found, Wanted
from seamline.ranking.query_vectors import probes_of
from seamline.ranking.score import Background, Floats, Scorer
from seamline.serving.candidate_retrieval import Shortlist

SCORING = ScoringSpec(region_weights={"default": (0.2,) * 5})
KEPT = 20


class Arrays:
    """What a shortlist asks of a collection, answered exactly."""

    def __init__(self, vectors: Floats) -> None:
        self.vectors = vectors
        self.calls: list[str] = []

    def _best(self, probe: Floats, wanted: Wanted) -> list[int]:
        products = self.vectors.reshape(len(self.vectors), -1) @ probe
        if wanted.incomplete:
            products = np.where(self.vectors.any(-1).all(-1), -np.inf, products)
        order = np.argsort(-products)[: wanted.limit]
        return [int(row) for row in order if np.isfinite(products[row])]

    def candidates_of(self, probes: Sequence[Floats], wanted: Wanted) -> list[Candidates]:
        self.calls.append("rows")
        return [self._rows(sorted({row for probe in each for row in self._best(probe, wanted)})) for each in probes]

    def found_by(self, probes: Sequence[Floats], wanted: Wanted) -> list[Found]:
        self.calls.append("keys")
        return [self._found(each, wanted) for each in probes]

    def fetched(self, keys: Sequence[Sequence[str]]) -> list[Candidates]:
        self.calls.append("fetch")
        return [self._rows([int(key) for key in each]) for each in keys]

    def _rows(self, rows: list[int]) -> Candidates:
        keys = tuple(str(row) for row in rows)
        return Candidates(keys, self.vectors[rows], keys)

    def _found(self, probes: Floats, wanted: Wanted) -> Found:
        brought = [self._best(probe, wanted) for probe in probes]
        rows = sorted({row for each in brought for row in each})
        exact = self.vectors[rows].reshape(len(rows), -1) @ probes.T
        known = np.array([[row in each for each in brought] for row in rows])
        products = np.where(known, exact, np.nan).astype(np.float32)
        regions = self.vectors[rows].any(-1) @ (1 << np.arange(5))
        return Found(tuple(map(str, rows)), products, np.nanmin(products, 0), regions)


def unit(*shape: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def collection() -> Arrays:
    vectors = unit(3000, 5, 16, seed=1)
    vectors[::50, 2:] = 0
    return Arrays(vectors)


def scorer(ranking: str, seed: int, *weights: float) -> Scorer:
    return Scorer(
        unit(5, 16, seed=seed), SCORING, Background.of_spec(SCORING), ranking,
        np.array(weights or (0.2,) * 5, np.float32),
    )  # fmt: skip


def found_best(of: Scorer, rows: Candidates, collection: Arrays, top: int = 10) -> float:
    best = set(np.argsort(-of.score(collection.vectors).score)[:top].tolist())
    return len(best & {int(key) for key in rows.keys}) / top


@pytest.mark.parametrize(
    ("ranking", "weights"),
    [("weighted", ()), ("weighted", (0.7, 0.1, 0.1, 0.05, 0.05)), ("global", ()), ("partial", ())],
)
@pytest.mark.parametrize("few_rows", [0, 10_000])
def test_the_best_garments_are_among_the_rows(
    ranking: str, weights: tuple[float, ...], few_rows: int, collection: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seamline.serving.candidate_retrieval, "_FEW_ROWS", few_rows)
    scorers = [scorer(ranking, seed, *weights) for seed in range(2, 6)]
    rows = Shortlist(Wanted(40), 40, True).of(collection, [probes_of(each) for each in scorers])  # type: ignore[arg-type]
    assert np.mean([found_best(*each, collection) for each in zip(scorers, rows, strict=True)]) > 0.95


def test_a_photo_with_several_garments_takes_as_many_calls_as_one(collection: Arrays) -> None:
    probes = [probes_of(scorer("weighted", seed)) for seed in range(8)]
    Shortlist(Wanted(60), KEPT, True).of(collection, probes)  # type: ignore[arg-type]
    assert collection.calls == ["keys", "keys", "fetch"]


def test_no_more_rows_are_fetched_than_are_to_be_kept(collection: Arrays) -> None:
    (rows,) = Shortlist(Wanted(60), KEPT, True).of(collection, [probes_of(scorer("weighted", 3))])  # type: ignore[arg-type]
    assert len(rows.keys) == KEPT


def test_a_collection_without_incomplete_garments_is_not_asked_for_them(collection: Arrays) -> None:
    Shortlist(Wanted(10), KEPT, False).of(collection, [probes_of(scorer("weighted", 3))])  # type: ignore[arg-type]
    assert collection.calls == ["rows"]


def test_a_photo_without_garments_asks_for_nothing(collection: Arrays) -> None:
    assert Shortlist(Wanted(10), KEPT, True).of(collection, []) == []  # type: ignore[arg-type]
    assert not collection.calls
