"""The benchmark of scale on a few made-up garments, up to a run against the real server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scale import run
from benchmarks.scale.catalogue import Catalogue, item_of, rows_of
from benchmarks.scale.exact import Queries, ground_truth, similarities
from benchmarks.scale.fidelity import similarity_figures
from benchmarks.scale.plans import TOP, plans_of
from benchmarks.scale.real import Floats, Real
from benchmarks.scale.report import growth_table
from benchmarks.scale.search import found_share
from benchmarks.scale.synthetic import Synthetic
from seamline.core.spec import Spec
from seamline.local.errors import CannotRunHere
from seamline.ranking.similarity import mirrored, part_similarity
from tests.support.milvus_wheel import Wheel, default_environment

REPOSITORY = Path(__file__).parents[2] / "model_repository"
SPEC = Spec.load(REPOSITORY / "retrieve" / "1" / "spec.json")


def vectors(count: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    parts, dimension = len(SPEC.parts), SPEC.parts.dimension
    drawn = random.normal(size=(count, parts, dimension)) + 0.8 * random.normal(size=(count, 1, dimension))
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def real() -> Real:
    sources, planted, queries = vectors(300, 0), vectors(20, 1), vectors(8, 2)
    sources[::40, 2:] = 0
    planted[:8] = queries
    codes = [np.array(np.arange(count) % 3, np.int8) for count in (300, 20, 8)]
    return Real(sources, codes[0], planted, codes[1], queries, codes[2])


def test_a_garment_is_the_same_whatever_the_size_of_the_catalogue(real: Real) -> None:
    small, large = (list(Catalogue(real, size, seed=3).chunks()) for size in (400, 12_000))
    np.testing.assert_array_equal(small[1][1].vectors, large[1][1].vectors[:80])
    assert sum(len(garments.category) for _, garments in large) == 12_000


def test_synthetic_parts_have_unit_length_or_are_absent(real: Real) -> None:
    made = Synthetic(real, 0).chunk(0, 500).vectors
    lengths = np.linalg.norm(made, axis=-1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    assert 0 < (lengths == 0).any(-1).mean() < 0.1


def test_synthetic_garments_are_as_similar_to_queries_as_real_ones(real: Real) -> None:
    (pairs, *_) = similarity_figures(real, SPEC, 0)
    np.testing.assert_allclose(pairs.synthetic, pairs.real, atol=0.1)


def test_every_garment_has_a_name_and_a_key_of_its_own(real: Real) -> None:
    (first, garments) = next(iter(Catalogue(real, 30, 0).chunks()))
    rows = list(rows_of(first, garments))
    assert rows[7].item == item_of(7)
    assert len({row.key for row in rows}) == 30


def test_similarities_are_those_of_the_scorer(real: Real) -> None:
    straight, flipped = similarities(real.planted, real.queries, SPEC.parts.mirror)
    np.testing.assert_allclose(straight[:, :, 2].T, part_similarity(real.queries[2], real.planted), atol=1e-5)
    other_side = mirrored(real.planted, SPEC.parts.mirror)
    np.testing.assert_allclose(flipped[:, :, 2].T, part_similarity(real.queries[2], other_side), atol=1e-5)


def test_the_ground_truth_is_what_scoring_every_garment_gives(real: Real) -> None:
    catalogue = Catalogue(real, 900, 0)
    every = np.concatenate([garments.vectors for _, garments in catalogue.chunks()])
    category = np.concatenate([garments.category for _, garments in catalogue.chunks()])
    queries = Queries(real.queries, real.query_category, real.sources[:64])
    pairs = list(zip(queries.vectors, queries.category, strict=True))
    plans = plans_of(SPEC)
    scorers = [[plan.scorer(query, int(code), SPEC, queries.cohort) for query, code in pairs] for plan in plans]
    found = ground_truth(catalogue, queries, plans, scorers, lambda text: None)
    for number, plan in enumerate(plans):
        for query, scorer in enumerate(scorers[number]):
            scores = scorer.score(every).score
            if plan.filtered:
                scores = np.where(category == queries.category[query], scores, -np.inf)
            np.testing.assert_allclose(found["score"][number, query], -np.sort(-scores)[:TOP], atol=1e-5)


def test_garments_with_one_score_stand_for_each_other() -> None:
    exact = np.array([0.9, 0.8, 0.8, -np.inf], np.float32)
    assert found_share(np.array([0.9, 0.8], np.float32), exact) == pytest.approx(2 / 3)
    assert found_share(np.array([0.9, 0.8, 0.8, 0.1], np.float32), exact) == 1


def test_growth_is_told_against_the_smallest_size() -> None:
    rows = [{"plan": "partial", "engine": "Milvus", "size": size, "p50": p50} for size, p50 in ((10, 4.0), (1000, 6.0))]
    assert "| partial | Milvus | 1,000 | 1.50 |" in growth_table(rows)


@pytest.mark.server
@pytest.mark.slow
def test_a_small_run_finds_the_exact_garments(real: Real, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        Wheel(default_environment()).install()
    except CannotRunHere as error:
        pytest.skip(f"no Milvus server: {error}")
    monkeypatch.setattr(run, "real_vectors", lambda *given: real)
    options = run.Options(
        photos=tmp_path, folder=tmp_path, cache=tmp_path, model_repository=REPOSITORY, rows=[1500], labels=["test"],
        settings=None, segment=1024, faiss=True, queries=4, candidates=16, search_width=100, seed=0, processes=1,
        niceness=0,
    )  # fmt: skip
    kept: dict[str, object] = {}
    for action in (run.build_all, run.build_all, run.search_all, run.report_all):
        action(options, lambda text: None, kept.__setitem__)
    found = kept["search"]
    assert isinstance(found, list)
    assert {row["engine"] for row in found} == {"Milvus, test", "FAISS"}
    assert min(row["recall"] for row in found) > 0.9
