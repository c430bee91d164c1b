"""The query vectors of a ranking, and the bound that their inner products give, against its exact scores."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.parts import unnamed_parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.index.candidates import SearchResult
from seamline.ranking import RANKINGS, QueryVectors
from seamline.ranking.scorer import Scorer
from seamline.ranking.similarity import Floats
from seamline.ranking.similarity import mirrored as mirrored_by
from seamline.serving.candidate_retrieval import CandidateQuery

PARTS = unnamed_parts(16)
SPEC = Spec("five", PARTS, ScoringSpec.of_parts(5))


def mirrored(vectors: Floats) -> Floats:
    return mirrored_by(vectors, PARTS.mirror)


def unit(*shape: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def scorer(query: Floats, ranking: str, *weights: float) -> Scorer:
    return Scorer.of_spec(SPEC, query, RANKINGS[ranking], np.array(weights or (0.2,) * 5, np.float32))


def vectors_of(of: Scorer) -> QueryVectors:
    return of.ranking.query_vectors(of.query)


def asked(of: Scorer) -> CandidateQuery:
    return CandidateQuery.of(of.ranking, of.query)


def found(products: Floats, last: Floats, present: np.ndarray) -> SearchResult:
    return SearchResult(tuple(map(str, range(len(products)))), products, last, present)


def brought(queries: Floats, gallery: Floats, each: int) -> set[int]:
    products = gallery.reshape(len(gallery), -1) @ queries.T
    return set(np.argsort(-products, axis=0)[:each].reshape(-1).tolist())


@pytest.mark.parametrize("ranking", ["weighted", "partial", "global"])
def test_the_best_garments_of_both_comparisons_are_brought(ranking: str) -> None:
    query, gallery = unit(5, 16), unit(500, 5, 16, seed=1)
    gallery[3, :4], gallery[4, 1:] = query[:4], mirrored(query)[1:]
    of = scorer(query, ranking)
    assert set(np.argsort(-of.score(gallery).score)[:2].tolist()) == {3, 4}
    assert {3, 4} <= brought(vectors_of(of).every, gallery, 2)


def test_a_garment_with_one_kept_part_is_brought_for_partial() -> None:
    query, gallery = unit(5, 16), unit(2000, 5, 16, seed=1)
    gallery[7, 3] = query[4]
    assert 7 in brought(vectors_of(scorer(query, "partial")).every, gallery, 1)


def test_a_garment_that_lacks_parts_is_brought_among_its_like_for_weighted() -> None:
    query, gallery = unit(5, 16), unit(300, 5, 16, seed=1)
    gallery[:, [0, 2, 3, 4]] = 0
    gallery[11, 1] = query[1]
    lacking = vectors_of(scorer(query, "weighted", 0.6, 0.02, 0.18, 0.1, 0.1)).incomplete
    assert 11 in brought(lacking, gallery, 1)


@pytest.mark.parametrize("ranking", ["partial", "global"])
def test_missing_parts_bring_no_advantage_elsewhere(ranking: str) -> None:
    assert len(vectors_of(scorer(unit(5, 16), ranking)).incomplete) == 0


@pytest.mark.parametrize(("ranking", "weights"), [("weighted", (0.6, 0.02, 0.18, 0.1, 0.1)), ("global", ())])
def test_a_bound_is_the_score_where_the_products_are_known(ranking: str, weights: tuple[float, ...]) -> None:
    query, gallery = unit(5, 16), unit(50, 5, 16, seed=1)
    gallery[::3, 3:] = 0
    present = gallery.any(-1) @ (1 << np.arange(5))
    candidates = asked(scorer(query, ranking, *weights))
    products = gallery.reshape(50, -1) @ candidates.vectors.every.T
    bound = candidates.score_bounds(found(products, products.min(0), present))
    both = [scorer(query, ranking, *weights).score(each).score for each in (gallery, mirrored(gallery))]
    assert (bound >= np.minimum(*both) - 1e-5).all()
    assert (np.minimum(abs(bound - both[0]), abs(bound - both[1])) < 1e-4).mean() > 0.9


def test_a_product_that_is_not_known_counts_as_the_last_one() -> None:
    candidates = asked(scorer(unit(5, 16), "weighted"))
    products = np.full((1, len(candidates.vectors.every)), np.nan, np.float32)
    last = np.full(len(candidates.vectors.every), 0.3, np.float32)
    assert candidates.score_bounds(found(products, last, np.array([31]))) == pytest.approx(0.3)


def test_light_parts_decide_where_the_heavy_ones_are_missing() -> None:
    query, gallery = unit(5, 16), unit(300, 5, 16, seed=1)
    gallery[:, 0] = 0
    gallery[200:, :] = np.concatenate([gallery[200:, :1] + unit(100, 1, 16, seed=2), 0 * gallery[200:, 1:]], 1)
    gallery[11, 1:] = query[1:]
    candidates = asked(scorer(query, "weighted", 0.8, 0.05, 0.05, 0.05, 0.05))
    assert 11 in brought(candidates.vectors.incomplete, gallery, 1)
    products = gallery.reshape(300, -1) @ candidates.vectors.incomplete.T
    assert (
        candidates.score_bounds_of_incomplete(
            found(products, products[0], gallery.any(-1) @ (1 << np.arange(5)))
        ).argmax()
        == 11
    )
