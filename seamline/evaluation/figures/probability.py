"""Whether the copy probability means what it says: of the hits with .8, eight of ten should be copies."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import expected_calibration_error, roc_auc
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import Results, Searched
from seamline.evaluation.report import Cases

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

FIRST = 10
LEAST = 0.01
"""Hits below this are not worth a look, and so many that they would hide every error."""


@dataclasses.dataclass(frozen=True)
class Stated:
    """m hits: the probability (m,) that was stated, whether it is a copy (m,), and whose hit it is (m,)."""

    probability: Floats
    copy: Flags
    query: NDArray[np.int64]


def first_hits(problem: QueryGallery, results: Results) -> Stated:
    """The first ten hits of every search."""
    order = np.argsort(-results.score, axis=1, kind="stable")[:, :FIRST]
    rows = np.repeat(np.arange(problem.queries), order.shape[1])
    return _stated(problem, results, rows, order.reshape(-1))


def likely_hits(problem: QueryGallery, results: Results) -> Stated:
    """All hits with more than a hundredth."""
    return _stated(problem, results, *np.nonzero(results.probability > LEAST))


def _stated(problem: QueryGallery, results: Results, queries: NDArray[np.int64], photos: NDArray[np.int64]) -> Stated:
    known = np.isfinite(results.score[queries, photos])
    queries, photos = queries[known], photos[known]
    return Stated(results.probability[queries, photos], problem.relevant[queries, photos], queries)


def measured(searched: Searched) -> Iterator[Cases]:
    """The copy probabilities of the first ranking's hits."""
    yield from calibration(searched.problem.title("copy probability"), searched.problem, searched.first[1])


def calibration(section: str, problem: QueryGallery, results: Results) -> Iterator[Cases]:
    """Expected calibration error, in ten bins, and ROC AUC."""
    groups = {
        f"first {FIRST} hits of every search": first_hits(problem, results),
        f"all hits above {LEAST}": likely_hits(problem, results),
    }
    for name, hits in groups.items():
        for metric, statistic in (("calibration error", expected_calibration_error), ("ROC AUC", roc_auc)):
            yield _cases(section, name, metric, statistic, hits)


def _cases(section: str, name: str, metric: str, statistic: Callable[[Floats, Flags], float], hits: Stated) -> Cases:
    def of(rows: NDArray[np.int64]) -> float:
        return statistic(hits.probability[rows], hits.copy[rows])

    return Cases(section, name, metric, hits.probability, hits.query, of)
