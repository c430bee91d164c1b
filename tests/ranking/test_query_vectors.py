"""The probes of a ranking against its exact scores."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.core.spec import ScoringSpec
from seamline.ranking.query_vectors import probes_of
from seamline.ranking.score import Background, Floats, Scorer, mirrored

SCORING = ScoringSpec(region_weights={"default": (0.2,) * 5})
NOTHING = Background.of_spec(SCORING)


def unit(*shape: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def scorer(query: Floats, ranking: str, *weights: float) -> Scorer:
    return Scorer(query, SCORING, NOTHING, ranking, np.array(weights or (0.2,) * 5, np.float32))


def brought(probes: Floats, gallery: Floats, each: int) -> set[int]:
    products = gallery.reshape(len(gallery), -1) @ probes.T
    return set(np.argsort(-products, axis=0)[:each].reshape(-1).tolist())


@pytest.mark.parametrize("ranking", ["weighted", "partial", "global"])
def test_the_best_garments_of_both_readings_are_brought(ranking: str) -> None:
    query, gallery = unit(5, 16), unit(500, 5, 16, seed=1)
    gallery[3, :4], gallery[4, 1:] = query[:4], mirrored(query)[1:]
    of = scorer(query, ranking)
    assert set(np.argsort(-of.score(gallery).score)[:2].tolist()) == {3, 4}
    assert {3, 4} <= brought(probes_of(of).all, gallery, 2)


def test_a_garment_with_one_kept_region_is_brought_for_partial() -> None:
    query, gallery = unit(5, 16), unit(2000, 5, 16, seed=1)
    gallery[7, 3] = query[4]
    assert 7 in brought(probes_of(scorer(query, "partial")).all, gallery, 1)


def test_a_garment_that_lacks_regions_is_brought_among_its_like_for_weighted() -> None:
    query, gallery = unit(5, 16), unit(300, 5, 16, seed=1)
    gallery[:, [0, 2, 3, 4]] = 0
    gallery[11, 1] = query[1]
    few = probes_of(scorer(query, "weighted", 0.6, 0.02, 0.18, 0.1, 0.1)).few
    assert 11 in brought(few, gallery, 1)


@pytest.mark.parametrize("ranking", ["partial", "global"])
def test_missing_regions_bring_no_advantage_elsewhere(ranking: str) -> None:
    assert len(probes_of(scorer(unit(5, 16), ranking)).few) == 0


@pytest.mark.parametrize(("ranking", "weights"), [("weighted", (0.6, 0.02, 0.18, 0.1, 0.1)), ("global", ())])
def test_a_promise_is_the_score_where_the_products_are_known(ranking: str, weights: tuple[float, ...]) -> None:
    query, gallery = unit(5, 16), unit(50, 5, 16, seed=1)
    gallery[::3, 3:] = 0
    regions = gallery.any(-1) @ (1 << np.arange(5))
    probes = probes_of(scorer(query, ranking, *weights))
    products = gallery.reshape(50, -1) @ probes.all.T
    promise = probes.promise(products, products.min(0), regions)
    both = [scorer(query, ranking, *weights).score(each).score for each in (gallery, mirrored(gallery))]
    assert (promise >= np.minimum(*both) - 1e-5).all()
    assert (np.minimum(abs(promise - both[0]), abs(promise - both[1])) < 1e-4).mean() > 0.9


def test_a_product_that_is_not_known_counts_as_the_last_one() -> None:
    probes = probes_of(scorer(unit(5, 16), "weighted"))
    products = np.full((1, len(probes.all)), np.nan, np.float32)
    last = np.full(len(probes.all), 0.3, np.float32)
    assert probes.promise(products, last, np.array([31])) == pytest.approx(0.3)


def test_light_regions_decide_where_the_heavy_ones_are_missing() -> None:
    query, gallery = unit(5, 16), unit(300, 5, 16, seed=1)
    gallery[:, 0] = 0
    gallery[200:, :] = np.concatenate([gallery[200:, :1] + unit(100, 1, 16, seed=2), 0 * gallery[200:, 1:]], 1)
    gallery[11, 1:] = query[1:]
    probes = probes_of(scorer(query, "weighted", 0.8, 0.05, 0.05, 0.05, 0.05))
    assert 11 in brought(probes.few, gallery, 1)
    products = gallery.reshape(300, -1) @ probes.few.T
    assert probes.promise_of_few(products, gallery.any(-1) @ (1 << np.arange(5))).argmax() == 11
