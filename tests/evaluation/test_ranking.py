"""Rankings of a whole problem, evidence and copy probability, on vectors whose fate is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.garments import Embeddings
from seamline.evaluation.figures.evidence import (
    calibration,
    evidence,
    first_hits,
    judged,
    likely_hits,
    localisation,
)
from seamline.evaluation.figures.retrieval import among_all
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import (
    EQUAL,
    Gallery,
    RankingVariant,
    Results,
    best_garments,
    search,
    served,
)
from seamline.evaluation.report import figures
from seamline.ranking import RANKINGS
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import true_region_boxes
from seamline.systems.psnet.spec import MIRRORED
from tests.evaluation.query_galleries import copied_regions, made, query_gallery_of

SCORING = dataclasses.replace(
    DEFAULT_SPEC.scoring, znorm_std=(0.2,) * 5, kept_above=(0.9,) * 5, copy_slope=2.0, copy_offset=-4.0
)
SPEC = dataclasses.replace(DEFAULT_SPEC, scoring=SCORING)


SERVED = served(SPEC)


@pytest.fixture
def problem() -> QueryGallery:
    """60 photos in the catalogue; the first ten have two copies each."""
    return query_gallery_of(
        60, [made(query, (query % 5, (query + copy) % 5)) for query in range(10) for copy in (1, 2)]
    )


@pytest.fixture
def results(problem: QueryGallery) -> Results:
    return search(problem, Gallery(copied_regions(problem), SPEC), SERVED[0], seed=0)


def retrieved(problem: QueryGallery, results: Results) -> dict[str, float]:
    cases = among_all(problem, "m", results.score)
    return {figure.metric: figure.value for figure in figures(cases, 0)}


def test_the_shipped_ranking_is_the_servers_default() -> None:
    assert SERVED[0].ranking.name == DEFAULT_SPEC.rankings[0]
    assert {ranking.ranking.name for ranking in SERVED} == set(DEFAULT_SPEC.rankings) == set(RANKINGS)


@pytest.mark.parametrize(
    "ranking",
    [
        *SERVED,
        RankingVariant("hand", RANKINGS["weighted"], {"default": (1, 0, 0, 0, 0), "vest": (0.2,) * 5}),
        RankingVariant("2", RANKINGS["partial"], EQUAL, 2, False),
    ],
    ids=lambda ranking: ranking.name,
)
def test_copies_with_three_kept_regions_come_first_in_every_ranking(
    problem: QueryGallery, ranking: RankingVariant
) -> None:
    found = search(problem, Gallery(copied_regions(problem), SPEC), ranking, seed=0)
    assert retrieved(problem, found)["mAP"] == 1.0


def test_weights_of_the_querys_category_count(problem: QueryGallery) -> None:
    only_collar = RankingVariant("collar", RANKINGS["weighted"], {"default": (0.2,) * 5, "vest": (1, 0, 0, 0, 0)})
    regions = copied_regions(problem)
    found = search(problem, Gallery(regions, SPEC), only_collar, seed=0)
    collars = regions[:, 0] @ regions[0, 0]
    np.testing.assert_allclose(found.score[0, 1:], collars[1:], atol=1e-5)


def test_the_own_photo_is_left_out(results: Results, problem: QueryGallery) -> None:
    assert np.isneginf(results.score[problem.self_mask]).all()
    assert not results.probability[problem.self_mask].any()
    assert not first_hits(problem, results).copy.all()


def test_a_query_photo_without_a_garment_finds_nothing(problem: QueryGallery) -> None:
    blind = dataclasses.replace(problem, query_garment=np.full(problem.queries, -1))
    found = search(blind, Gallery(copied_regions(problem), SPEC), SERVED[0], seed=0)
    assert {value for metric, value in retrieved(blind, found).items() if metric != "mAP"} == {0.0}
    assert not len(first_hits(blind, found).query)


def test_a_photo_scores_as_its_best_garment(problem: QueryGallery) -> None:
    two = dataclasses.replace(problem, photo=np.minimum(np.arange(problem.photos), 1))
    scores = np.arange(problem.photos, dtype=np.float32)
    assert best_garments(two, scores)[:3].tolist() == [0, problem.photos - 1, -1]


def test_redesigned_regions_are_told_from_kept_ones(problem: QueryGallery, results: Results) -> None:
    every = judged(problem, results, SPEC)
    assert len(every.region) == sum(len(one.kept) + len(one.redesigned) for one in problem.copies)
    told = {(figure.name, figure.metric): figure.value for figure in figures(evidence("s", every), 0)}
    assert told["similarity alone, all regions", "ROC AUC"] == 1.0
    assert told["log odds that it was kept, all regions", "ROC AUC"] == 1.0
    assert told["redesigned regions", "called changed"] == 1.0
    assert told["kept regions", "called changed"] == 0.0
    assert told["all regions", "can be compared"] == 1.0


def test_a_mirrored_copy_is_judged_in_the_originals_left_and_right() -> None:
    problem = query_gallery_of(40, [made(0, (3,), mirrored=True)])
    regions = copied_regions(problem)
    regions[-1] = regions[-1, list(MIRRORED)]
    every = judged(problem, search(problem, Gallery(regions, SPEC), SERVED[0], seed=0), SPEC)
    low = every.similarity < 0.9
    assert every.region[low].tolist() == [3]


def test_a_region_that_cannot_be_compared_is_counted_but_not_judged(problem: QueryGallery) -> None:
    regions = copied_regions(problem)
    regions[-1, 4] = 0.0
    every = judged(problem, search(problem, Gallery(regions, SPEC), SERVED[0], seed=0), SPEC)
    assert len(every.comparable().region) == len(every.region) - 1


def test_probabilities_of_the_first_hits_and_of_all_likely_ones(problem: QueryGallery, results: Results) -> None:
    first, likely = first_hits(problem, results), likely_hits(problem, results)
    assert np.bincount(first.query).tolist() == [10] * 10
    assert (likely.probability > 0.01).all()
    assert likely.copy.sum() == first.copy.sum() == len(problem.copies)
    found = {(figure.name, figure.metric): figure for figure in figures(calibration("s", problem, results), 0)}
    assert found["first 10 hits of every search", "ROC AUC"].value == 1.0
    assert 0 < found["first 10 hits of every search", "calibration error"].value < 0.5


def test_region_boxes_that_are_missed_count_as_nothing() -> None:
    problem = query_gallery_of(1, [made(0)])
    points = np.zeros((len(DEFAULT_SPEC.landmarks), 3), np.float32)
    for name, place in {"neck_left": (10, 0), "neck_right": (30, 0), "neck_bottom": (20, 10)}.items():
        points[DEFAULT_SPEC.landmarks.index(name)] = *place, 1.0
    problem = dataclasses.replace(problem, copies=(dataclasses.replace(problem.copies[0], points=points),))
    boxes, visible = np.zeros((2, 5, 4), np.float32), np.zeros((2, 5), np.float32)
    nothing = Embeddings(np.zeros((2, 5, 8), np.float32), boxes, visible, None)
    found = {
        figure.name: figure
        for figure in figures(localisation("s", problem, nothing, DEFAULT_SPEC, true_region_boxes), 0)
    }
    assert found["all regions"].value == 0.0
    assert found["collar"].count == 1
