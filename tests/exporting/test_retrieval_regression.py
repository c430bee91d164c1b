"""How much of what a person sees changes is counted in queries and ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seamline.core.garments import Detections
from seamline.evaluation.benchmark import Benchmark
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.photos import Options
from seamline.evaluation.protocol import QueryGallery
from seamline.exporting.parity import FP32
from seamline.exporting.retrieval_regression import SHOWN, RetrievalRegression, retrieval_regression
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from tests.evaluation.query_galleries import Floats, copied_regions, made, query_gallery_of


@pytest.fixture
def problem() -> QueryGallery:
    """60 photos; the first ten have two copies each."""
    return query_gallery_of(60, [made(query, (query % 5,)) for query in range(10) for _ in range(2)])


def changes(problem: QueryGallery, reference: Floats, candidate: Floats) -> RetrievalRegression:
    boxes, crops = np.zeros((0, 4), np.float32), np.zeros((0, 224, 224, 3), np.uint8)
    nothing = DetectedPhotos(
        "", (), np.zeros(0, np.int64), Detections(boxes, boxes, np.zeros(0, np.float32), (), crops)
    )
    benchmark = Benchmark("medium", Options(Path(), Path()), problem, (nothing, nothing))
    return retrieval_regression(benchmark, DEFAULT_SPEC, ("PyTorch", reference), ("ONNX", candidate))


def test_equal_vectors_change_nothing(problem: QueryGallery) -> None:
    vectors = copied_regions(problem)
    found = changes(problem, vectors, vectors)
    assert (found.queries, found.photos) == (10, 80)
    assert (found.others, found.reordered, found.largest_move) == (0, 0, 0)
    assert found.reference_map == found.candidate_map
    assert found.cosine is not None
    assert found.cosine.worst == pytest.approx(1)
    assert found.refusals(FP32) == []


def test_a_copy_that_is_lost_counts_for_its_query_alone(problem: QueryGallery) -> None:
    vectors = copied_regions(problem)
    lost = vectors.copy()
    lost[problem.first_copy] = -vectors[problem.first_copy]
    found = changes(problem, vectors, lost)
    assert found.others >= 1
    assert found.reordered >= found.others
    assert found.largest_move >= problem.photos - SHOWN - 2
    assert found.candidate_map < found.reference_map
    assert found.refusals(FP32) == [
        f"{found.others} of 10 queries find others among the first {SHOWN}, 1 % is allowed",
        "a part vector of the benchmark has the cosine -1.000000, 0.9999 is needed",
    ]


def test_the_line_to_read_names_both_sides(problem: QueryGallery) -> None:
    vectors = copied_regions(problem)
    text = changes(problem, vectors, vectors).text()
    assert text.startswith("ONNX against PyTorch, 10 queries among 80 photos (medium): first 10 hits are others for 0")
