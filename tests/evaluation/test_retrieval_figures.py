"""Figures of retrieval on search problems small enough to work out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.evaluation.figures import Figure
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.retrieval import CURVE, among_hard_negatives, by_category, by_copy, recall_curve, retrieval
from tests.evaluation.query_galleries import made, query_gallery_of


def values(figures: list[Figure], name: str) -> dict[str, float]:
    return {figure.metric: figure.value for figure in figures if figure.name == name}


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


def test_average_precision_counts_all_copies_of_a_query() -> None:
    problem, scores = two_queries()
    found = values(retrieval("s", "m", problem, scores), "m")
    assert found["mAP"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)
    assert found["hit@1"] == 0.5
    assert found["recall@20"] == 1.0
    assert values(retrieval("s", "m", problem, scores, [1]), "m")["mAP"] == 0.5


def test_the_recall_curve_counts_copies_among_the_first_hits() -> None:
    problem, scores = two_queries()
    curve = dict(zip(CURVE, recall_curve(problem, scores), strict=True))
    assert curve[1] == pytest.approx((0.5 + 0) / 2)
    assert curve[2] == pytest.approx((0.5 + 1) / 2)
    assert curve[3] == 1.0


def test_look_alikes_are_a_gallery_of_their_own() -> None:
    problem, scores = two_queries()
    found = values(among_hard_negatives("s", "m", problem, scores), "m")
    # original 0: copy, look-alike, copy; original 1: its copy before its only look-alike
    assert found["mAP"] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    assert found["copies below a look-alike"] == pytest.approx((0.5 + 0) / 2)


def test_queries_without_look_alikes_do_not_count_there() -> None:
    problem, scores = two_queries()
    alone = dataclasses.replace(problem, hard_negative=np.zeros_like(problem.hard_negative))
    assert [figure.count for figure in among_hard_negatives("s", "m", alone, scores)] == [0, 0]


def test_parts_take_the_other_copies_out_of_the_gallery() -> None:
    problem, scores = two_queries()
    figures = by_copy("s", problem, scores)
    # without the copy of one region before it, the copy of two stands second, behind the look-alike
    assert values(figures, "2 regions redesigned")["mAP"] == pytest.approx(1 / 2)
    assert (
        values(figures, "collar redesigned") == values(figures, "mirrored") == values(figures, "left sleeve redesigned")
    )
    assert values(figures, "chest redesigned")["mAP"] == pytest.approx((1 + 1 / 2) / 2)
    assert values(figures, "edit: recolour")["mAP"] == values(retrieval("s", "m", problem, scores), "m")["mAP"]
    assert not values(figures, "waist redesigned")


def test_categories_have_a_row_each() -> None:
    problem, scores = two_queries()
    problem = dataclasses.replace(problem, query_category=("vest", "skirt"))
    figures = by_category("s", problem, scores)
    assert values(figures, "skirt")["mAP"] == 0.5
    assert values(figures, "vest")["mAP"] == pytest.approx((1 + 2 / 3) / 2)
