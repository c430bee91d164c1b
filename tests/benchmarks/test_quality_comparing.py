"""What baselines share, ensembles of models, and the curve of recall."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")
pytest.importorskip("matplotlib", reason="the extra `draw` is not installed")

from benchmarks.quality.comparing import by_photo, compare
from benchmarks.quality.plots import CURVE, recall_curve
from benchmarks.quality.variants import ensemble
from seamline.core.garments import Embeddings
from tests.evaluation.figures.test_retrieval import two_queries
from tests.evaluation.query_galleries import made, query_gallery_of, units


def test_other_ways_of_comparing_score_a_photo_as_its_best_garment_and_only_the_queries_asked_for() -> None:
    problem = query_gallery_of(10, [made(0), made(1)])
    two = dataclasses.replace(problem, photo=np.minimum(np.arange(problem.photos), 1))
    scores = np.arange(problem.photos, dtype=np.float32)
    assert by_photo(two, scores)[:3].tolist() == [0.0, problem.photos - 1.0, -np.inf]
    assert np.isneginf(compare(problem, lambda row: scores, queries=[0])[1:]).all()


def test_the_recall_curve_counts_copies_among_the_first_hits() -> None:
    problem, scores = two_queries()
    curve = dict(zip(CURVE, recall_curve(problem, scores), strict=True))
    assert curve[1] == pytest.approx((0.5 + 0) / 2)
    assert curve[2] == pytest.approx((0.5 + 1) / 2)
    assert curve[3] == 1.0


def test_an_ensembles_cosine_is_the_mean_of_its_models() -> None:
    def model(seed: int) -> Embeddings:
        return Embeddings(units(2, 5, 8, seed=seed), np.zeros((2, 5, 4), np.float32), np.ones((2, 5), np.float32), None)

    one, other = model(1), model(2)
    both = ensemble([one, other]).vectors
    cosines = [(vectors[0] * vectors[1]).sum(-1) for vectors in (one.vectors, other.vectors, both)]
    np.testing.assert_allclose(cosines[2], (cosines[0] + cosines[1]) / 2, atol=1e-6)
