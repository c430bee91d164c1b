"""Whether what is said of a hit is true: which regions were redesigned and which kept, where they lie, and how likely
it is a copy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union
from seamline.core.garments import Embeddings
from seamline.core.metrics import expected_calibration_error, roc_auc
from seamline.core.spec import Spec
from seamline.data.copies import COPY_PARTS
from seamline.evaluation.copies import places_of_copy_parts
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import Results, Searched
from seamline.evaluation.report import Cases
from seamline.ranking.kept import kept_log_odds
from seamline.systems import system_named
from seamline.systems.base import TruePartBoxes

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Judged:
    """m regions of copies whose fate is known: similarity (m,) to the original's, NaN where it cannot be compared;
    log odds (m,) that it was kept; region (m,); redesigned (m,); query (m,)."""

    similarity: Floats
    log_odds: Floats
    region: NDArray[np.int64]
    redesigned: Flags
    query: NDArray[np.int64]

    def comparable(self) -> Judged:
        """The regions that both photos show, as far as the networks see."""
        return self.of(np.isfinite(self.similarity))

    def of(self, flags: Flags) -> Judged:
        """Some of the regions."""
        return Judged(*(values[flags] for values in vars(self).values()))


def judged(problem: QueryGallery, results: Results, spec: Spec) -> Judged:
    """Every region of every copy that was surely redesigned or surely kept, of a system that has the regions."""
    part = places_of_copy_parts(spec)
    log_odds = kept_log_odds(results.similarity, spec.parts, spec.scoring)
    rows = [
        (
            results.similarity[query, problem.first_copy + place, part[region]],
            log_odds[query, problem.first_copy + place, part[region]],
            region,
            region in one.redesigned,
            query,
        )
        for place, one in enumerate(problem.copies)
        for query in np.flatnonzero(problem.relevant[:, problem.first_copy + place])
        for region in (*one.redesigned, *one.kept)
    ]
    similarity, odds, region, redesigned, query = zip(*rows, strict=True) if rows else ((),) * 5
    return Judged(
        np.array(similarity, np.float32), np.array(odds, np.float32), np.array(region, np.int64),
        np.array(redesigned, bool), np.array(query, np.int64),
    )  # fmt: skip


def of_evidence(searched: Searched) -> Iterator[Cases]:
    """The evidence of the first ranking and the region boxes, of a system that has the regions."""
    problem, spec, (_, found) = searched.problem, searched.spec, searched.first
    if places_of_copy_parts(spec):
        yield from evidence(problem.title("redesigned or kept"), judged(problem, found, spec))
    if true_part_boxes := system_named(spec.system).true_part_boxes:
        section = problem.title("region boxes on copies")
        yield from localisation(section, problem, searched.embeddings, spec, true_part_boxes)


def evidence(section: str, every: Judged) -> Iterator[Cases]:
    """ROC AUC, and shares of the regions that are called changed, by query."""
    found = every.comparable()
    yield _auc(section, "log odds that it was kept, all regions", found.log_odds, found)
    yield _auc(section, "similarity alone, all regions", found.similarity, found)
    for index, region in enumerate(COPY_PARTS):
        own = found.region == index
        yield _auc(section, region.replace("_", " "), found.log_odds[own], found.of(own))
    called = found.log_odds < 0
    for name, flags in (("redesigned regions", found.redesigned), ("kept regions", ~found.redesigned)):
        yield Cases(section, name, "called changed", called[flags], found.query[flags])
    yield Cases(section, "all regions", "can be compared", np.isfinite(every.similarity), every.query)


def _auc(section: str, name: str, similarity: Floats, of: Judged) -> Cases:
    def statistic(rows: NDArray[np.int64]) -> float:
        return roc_auc(-similarity[rows], of.redesigned[rows])

    return Cases(section, name, "ROC AUC", similarity, of.query, statistic)


def localisation(
    section: str, problem: QueryGallery, embeddings: Embeddings, spec: Spec, true_part_boxes: TruePartBoxes
) -> Iterator[Cases]:
    """IoU of the region boxes of all garments with those that the same rules give for the copy's true points, by query.

    The garment is the one that lies nearest to the true one. A region that it does not have counts as 0; one whose true
    points are not known, or out of the picture, is left out.
    """
    places = list(places_of_copy_parts(spec))
    boxes, visible = embeddings.part_boxes[:, places], embeddings.part_visible[:, places]
    overlaps: list[tuple[int, int, float]] = []
    for place, one in enumerate(problem.copies):
        rows = np.flatnonzero(problem.photo == problem.first_copy + place)
        owner = int(np.argmax(problem.relevant[:, problem.first_copy + place]))
        true, there = true_part_boxes(np.asarray(one.box, np.float32), one.points, one.category, spec)
        known = true[places], there[places]
        overlaps += [(owner, region, value) for region, value in _overlaps(known, boxes[rows], visible[rows])]
    query = np.array([row[0] for row in overlaps], np.int64)
    region = np.array([row[1] for row in overlaps], np.int64)
    value = np.array([row[2] for row in overlaps], np.float64)
    yield Cases(section, "all regions", "IoU", value, query)
    for index, name in enumerate(COPY_PARTS):
        mine = region == index
        yield Cases(section, name.replace("_", " "), "IoU", value[mine], query[mine])


def _overlaps(truth: tuple[Floats, Floats], boxes: Floats, visible: Floats) -> Sequence[tuple[int, float]]:
    true, there = truth
    best = _nearest(true[there > 0], boxes, visible)
    found = []
    for region in np.flatnonzero(there > 0):
        seen = best is not None and bool(visible[best, region] > 0)
        shared = float(intersection_over_union(boxes[best, region], true[region][None])[0]) if seen else 0.0
        found.append((int(region), shared))
    return found


def _nearest(true: Floats, boxes: Floats, visible: Floats) -> int | None:
    """The garment whose regions' middle is nearest to that of the true ones."""
    shown = np.flatnonzero((visible > 0).any(1))
    if not len(shown):
        return None
    if not len(true):
        return int(shown[0])
    middles = [_middle(boxes[row][visible[row] > 0]) for row in shown]
    return int(shown[np.argmin(np.linalg.norm(np.array(middles) - _middle(true), axis=1))])


def _middle(boxes: Floats) -> Floats:
    return ((boxes[:, :2].min(0) + boxes[:, 2:].max(0)) / 2).astype(np.float32)


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


def of_probability(searched: Searched) -> Iterator[Cases]:
    """The copy probabilities of the first ranking's hits."""
    yield from calibration(searched.problem.title("copy probability"), searched.problem, searched.first[1])


def calibration(section: str, problem: QueryGallery, results: Results) -> Iterator[Cases]:
    """Expected calibration error, in ten bins, and ROC AUC: of the hits with .8, eight of ten should be copies."""
    groups = {
        f"first {FIRST} hits of every search": first_hits(problem, results),
        f"all hits above {LEAST}": likely_hits(problem, results),
    }
    for name, hits in groups.items():
        for metric, statistic in (("calibration error", expected_calibration_error), ("ROC AUC", roc_auc)):
            yield stated_cases(section, name, metric, statistic, hits)


def stated_cases(
    section: str, name: str, metric: str, statistic: Callable[[Floats, Flags], float], hits: Stated
) -> Cases:
    """A statistic of stated probabilities and of what is true, by query."""

    def of(rows: NDArray[np.int64]) -> float:
        return statistic(hits.probability[rows], hits.copy[rows])

    return Cases(section, name, metric, hits.probability, hits.query, of)
