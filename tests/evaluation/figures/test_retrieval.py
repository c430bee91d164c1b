"""Figures of retrieval on search problems small enough to work out by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from seamline.core.garments import Detections
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.figures.retrieval import (
    OF_PARTS,
    Subset,
    among_all,
    among_hard_negatives,
    by_category,
    by_copy,
    linked,
    retrieval,
)
from seamline.evaluation.protocol import QueryGallery, problem_of_pairs
from seamline.evaluation.report import Figure, figures
from seamline.systems.psnet.spec import REGIONS
from tests.evaluation.query_galleries import made, query_gallery_of


def values(shown: Sequence[Figure], name: str) -> dict[str, float]:
    return {figure.metric: figure.value for figure in shown if figure.name == name}


def two_queries() -> tuple[QueryGallery, np.ndarray]:
    """Six photos in the catalogue; original 0 has its copies at ranks 1 and 3, original 1 has one at rank 2."""
    problem = query_gallery_of(6, [made(0), made(0, (0, 3), mirrored=True), made(1)], {0: [4], 1: [5]})
    scores = np.array(
        [
            [-np.inf, 0.1, 0.1, 0.1, 0.8, 0.1, 0.9, 0.7, 0.1],
            [0.1, -np.inf, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.8],
        ],
        np.float32,
    )
    return problem, scores


def retrieved(problem: QueryGallery, scores: np.ndarray, queries: list[int] | None = None) -> dict[str, float]:
    cases = among_all(problem, "m", scores, queries)
    return values(figures(cases, 0), "m")


def of_subsets(subsets: Iterable[Subset], scores: np.ndarray) -> Sequence[Figure]:
    return figures((one for subset in subsets for one in retrieval("s", subset, scores, OF_PARTS)), 0)


def test_average_precision_counts_all_copies_of_a_query() -> None:
    problem, scores = two_queries()
    found = retrieved(problem, scores)
    assert found["mAP"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)
    assert found["hit@1"] == 0.5
    assert found["recall@20"] == 1.0
    assert retrieved(problem, scores, [1])["mAP"] == 0.5


def test_look_alikes_are_a_gallery_of_their_own() -> None:
    problem, scores = two_queries()
    found = values(figures(among_hard_negatives(problem, "m", scores), 0), "m")
    # original 0: copy, look-alike, copy; original 1: its copy before its only look-alike
    assert found["mAP"] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    assert found["copies below a look-alike"] == pytest.approx((0.5 + 0) / 2)


def test_queries_without_look_alikes_do_not_count_there() -> None:
    problem, scores = two_queries()
    alone = dataclasses.replace(problem, hard_negative=np.zeros_like(problem.hard_negative))
    assert [figure.count for figure in figures(among_hard_negatives(alone, "m", scores), 0)] == [0, 0]


def test_parts_take_the_other_copies_out_of_the_gallery() -> None:
    problem, scores = two_queries()
    found = of_subsets(by_copy(problem, REGIONS), scores)
    # without the copy of one region before it, the copy of two stands second, behind the look-alike
    assert values(found, "2 regions redesigned")["mAP"] == pytest.approx(1 / 2)
    assert values(found, "collar redesigned") == values(found, "mirrored") == values(found, "left sleeve redesigned")
    assert values(found, "chest redesigned")["mAP"] == pytest.approx((1 + 1 / 2) / 2)
    assert values(found, "edit: recolour")["mAP"] == retrieved(problem, scores)["mAP"]
    assert not values(found, "waist redesigned")


def test_categories_have_a_row_each() -> None:
    problem, scores = two_queries()
    problem = dataclasses.replace(problem, query_category=("vest", "skirt"))
    found = of_subsets(by_category(problem), scores)
    assert values(found, "skirt")["mAP"] == 0.5
    assert values(found, "vest")["mAP"] == pytest.approx((1 + 2 / 3) / 2)


def test_queries_that_are_relevant_to_one_another_hang_together() -> None:
    boxes, crops = np.zeros((5, 4), np.float32), np.zeros((5, 8, 8, 3), np.uint8)
    garments = Detections(boxes, boxes, np.ones(5, np.float32), ("vest",) * 5, crops)
    detected = {"catalogue": DetectedPhotos("", (Path(),) * 5, np.arange(5), garments)}
    groups, uncounted = [("a", "c"), ("c", "e"), ("b", "d")], [("a", "e")]
    problem = problem_of_pairs(("a", "b", "c", "d", "e"), groups, uncounted, ["catalogue"], detected)
    assert linked(problem).tolist() == [0, 1, 0, 1, 0]
    assert problem.relevant[0].tolist() == [False, False, True, False, False]
    assert problem.self_mask[0].tolist() == [True, False, False, False, True]
