from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.errors import BadOption
from seamline.core.parts import Parts, unnamed_parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.ranking import RANKINGS, Query, Ranking, ranking_named
from seamline.ranking.best_of import BestOf, best_score
from seamline.ranking.partial import partial_score
from seamline.ranking.scorer import Scorer, check_weights, copy_probability
from seamline.ranking.similarity import Floats, ScoreNorm, part_similarity
from seamline.ranking.similarity import mirrored as mirrored_by
from seamline.ranking.weighted import weighted_score

PARTS = unnamed_parts(16)
SCORING = dataclasses.replace(ScoringSpec.of_parts(5), znorm_std=(0.2,) * 5)
SPEC = Spec("five", PARTS, SCORING)
EQUAL = np.full(5, 0.2, np.float32)
NOTHING = ScoreNorm(np.zeros(5, np.float32), np.full(5, 0.2, np.float32))


def mirrored(vectors: Floats) -> Floats:
    return mirrored_by(vectors, PARTS.mirror)


def scorer_of(query: Floats, ranking: str) -> Scorer:
    return Scorer.of_spec(SPEC, query, RANKINGS[ranking], EQUAL)


def unit(*shape: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_similarity_of_a_garment_with_itself_is_one() -> None:
    query = unit(5, 16)
    np.testing.assert_allclose(part_similarity(query, query[None]), 1.0, atol=1e-5)


def test_region_that_either_lacks_is_not_comparable() -> None:
    query, gallery = unit(5, 16), unit(2, 5, 16, seed=1)
    query[3] = 0
    gallery[1, 0] = 0
    known = np.isfinite(part_similarity(query, gallery))
    assert known.tolist() == [[True, True, True, False, True], [False, True, True, False, True]]


def test_weights_are_renormalised_over_comparable_regions() -> None:
    similarity = np.array([[0.5, np.nan, 0.5, 0.5, 0.5], [1, 0, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(weighted_score(similarity, np.array([0.6, 0.1, 0.1, 0.1, 0.1])), [0.5, 0.6], rtol=1e-6)


def test_pair_without_comparable_regions_ranks_last() -> None:
    similarity = np.full((1, 5), np.nan, np.float32)
    assert weighted_score(similarity, EQUAL)[0] == -1
    assert partial_score(similarity, 3)[0] == pytest.approx(0, abs=0.03)
    assert best_score(similarity, NOTHING, 3)[0] == 0


def test_global_score_is_the_cosine_of_the_concatenation() -> None:
    query, gallery = unit(5, 16), unit(4, 5, 16, seed=1)
    gallery[2, 1] = 0
    flat, others = query.reshape(-1), gallery.reshape(4, -1)
    expected = others @ flat / np.linalg.norm(others, axis=1) / np.linalg.norm(flat)
    np.testing.assert_allclose(
        RANKINGS["global"].score(
            Query(query, PARTS, EQUAL, SCORING, NOTHING), part_similarity(query, gallery), gallery.any(-1).sum(-1)
        ),
        expected,
        rtol=1e-4,
    )


def test_partial_ranking_finds_a_copy_with_two_redesigned_regions() -> None:
    query, gallery = unit(5, 16), unit(50, 5, 16, seed=1)
    gallery[7, :3] = query[:3]
    scorer = scorer_of(query, "partial")
    assert scorer.score(gallery).score.argmax() == 7


def test_mirrored_copy_is_found_and_named_as_mirrored() -> None:
    query, gallery = unit(5, 16), unit(50, 5, 16, seed=1)
    gallery[3] = mirrored(query)
    for ranking in ("weighted", "partial", "global"):
        scores = scorer_of(query, ranking).score(gallery)
        assert scores.score.argmax() == 3
        assert scores.mirrored[3]
        np.testing.assert_allclose(scores.part_similarity[3], 1, atol=1e-5)


def test_a_mirrored_copys_regions_keep_the_querys_order() -> None:
    query = unit(5, 16)
    copy = mirrored(query.copy())
    copy[4] = unit(16, seed=5)
    scores = scorer_of(query, "partial").score(copy[None])
    assert scores.mirrored[0]
    assert scores.part_similarity[0].argmin() == 3


def test_cohort_gives_the_mean_and_spread_of_each_region() -> None:
    query, cohort = unit(5, 16), unit(300, 5, 16, seed=1)
    cohort[:, 2] = 0
    fallback = ScoreNorm(np.full(5, 0.7, np.float32), np.full(5, 0.1, np.float32))
    norm = ScoreNorm.of_cohort(query, cohort, fallback)
    similarity = part_similarity(query, cohort)
    np.testing.assert_allclose(norm.mean[:2], similarity[:, :2].mean(0), atol=1e-5)
    np.testing.assert_allclose(norm.std[:2], similarity[:, :2].std(0), atol=1e-5)
    assert (norm.mean[2], norm.std[2]) == (np.float32(0.7), np.float32(0.1))


def test_empty_cohort_keeps_the_trained_norm() -> None:
    assert ScoreNorm.of_cohort(unit(5, 16), np.zeros((0, 5, 16), np.float32), NOTHING) is NOTHING


def test_copy_probability_rises_with_the_score_and_stays_a_probability() -> None:
    values = copy_probability(np.array([-1e9, 0, 1, 1e9], np.float32), SCORING)
    assert (np.diff(values) >= 0).all()
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize(
    "weights", [[1, 1, 1, 1], [1] * 6, [-0.1, 1, 1, 1, 1], [np.nan, 1, 1, 1, 1], [0] * 5, [np.inf, 1, 1, 1, 1], []]
)
def test_impossible_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(BadOption, match="PART_WEIGHTS"):
        check_weights(np.array(weights, np.float32), PARTS)


def test_weights_are_scaled_to_sum_to_one() -> None:
    np.testing.assert_allclose(check_weights(np.array([2, 0, 0, 0, 2], np.float32), PARTS), [0.5, 0, 0, 0, 0.5])


def test_the_largest_weights_still_weigh() -> None:
    np.testing.assert_allclose(check_weights(np.full(5, 3e38, np.float32), PARTS), 0.2)


def test_unknown_ranking_is_refused() -> None:
    with pytest.raises(BadOption, match="partial, weighted, global"):
        ranking_named("best")


def test_partial_looks_at_the_best_regions_and_most_at_the_best_one() -> None:
    kept = np.array([[0.97, 0.95, 0.9, -0.3, 0.0]], np.float32)
    worse_elsewhere = np.array([[0.97, 0.95, 0.9, 0.4, 0.5]], np.float32)
    assert partial_score(kept, 3) == pytest.approx(partial_score(worse_elsewhere, 3))
    flat = np.array([[0.94, 0.94, 0.94, 0.94, 0.94]], np.float32)
    assert partial_score(kept, 3) > partial_score(flat, 3)
    assert partial_score(kept, 1)[0] == pytest.approx(-np.log(0.05), abs=1e-4)


def with_a_whole(region: float, whole: float, ranking: Ranking = RANKINGS["partial"]) -> float:
    """The score of a ranking where five regions and two parts of the whole are as alike as that."""
    names = (*PARTS.names, "whole", "whole_detail")
    parts = Parts(names, (*PARTS.mirror, 5, 6), 16)
    scoring = dataclasses.replace(ScoringSpec.of_parts(7), region_odds=(6.0, -8.0), whole_odds=(15.0, -6.0))
    norm = ScoreNorm(np.zeros(7, np.float32), np.ones(7, np.float32))
    query = Query(unit(7, 16), parts, np.full(7, 1 / 7, np.float32), scoring, norm)
    similarity = np.array([[region] * 5 + [whole] * 2], np.float32)
    return float(ranking.score(query, similarity, np.array([7]))[0])


def test_regions_or_the_whole_are_enough_for_a_partial_score() -> None:
    nothing, regions, whole = with_a_whole(0.0, 0.0), with_a_whole(0.95, 0.0), with_a_whole(0.0, 0.9)
    assert nothing < 0 < min(regions, whole)
    assert with_a_whole(0.95, 0.9) > max(regions, whole)
    assert with_a_whole(0.95, -0.5) == pytest.approx(regions, abs=0.01)
    assert with_a_whole(np.nan, 0.9) == pytest.approx(whole, abs=0.01)


def test_the_best_regions_are_regions() -> None:
    assert with_a_whole(0.5, 0.9, BestOf()) == pytest.approx(0.5)


def test_the_sentence_of_partial_names_both_kinds_of_odds() -> None:
    scoring = dataclasses.replace(ScoringSpec.of_parts(7), region_odds=(6.0, -8.0), whole_odds=(15.0, -6.0))
    assert "log(exp(6.0 p -8.0) + exp(15.0 w -6.0))" in RANKINGS["partial"].explained(scoring)
    assert "log odds" not in RANKINGS["partial"].explained(ScoringSpec.of_parts(5))
