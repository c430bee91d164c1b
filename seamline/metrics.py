"""Figures of quality as pure functions of arrays, independent of models, files and indexes.

Ranks count from 1; a query whose answer was not found has rank infinity. Scores: larger is more alike, or more certain.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seamline.detections import intersection_over_union

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def match_boxes(boxes: ArrayLike, truth: ArrayLike, overlap: float) -> Flags:
    """Which of n boxes (n, 4), strongest first, match a true box (m, 4) that no stronger box has taken."""
    found, true = np.asarray(boxes, np.float32).reshape(-1, 4), np.asarray(truth, np.float32).reshape(-1, 4)
    free = np.ones(len(true), bool)
    hits = np.zeros(len(found), bool)
    for index, box in enumerate(found if len(true) else ()):
        shared = intersection_over_union(box, true) * free
        best = int(shared.argmax())
        if shared[best] >= overlap:
            free[best], hits[index] = False, True
    return hits


def detection_average_precision(scores: ArrayLike, hits: ArrayLike, count: int) -> float:
    """Area under precision over recall of n boxes, given which of them hit one of `count` true boxes.

    Precision is made monotone, as in Pascal VOC since 2010 and COCO, and every hit counts (no 101-point sampling).
    NaN where there is nothing to find.
    """
    if count <= 0:
        return float("nan")
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    hit = np.asarray(hits, bool)[order]
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * hit).sum() / count)


def rank_of(scores: ArrayLike, answer: ArrayLike) -> float:
    """Rank of the best of the right answers (flags, n) among n scores; ties count against it."""
    values, right = np.asarray(scores, np.float64), np.asarray(answer, bool)
    if not right.any():
        return float("inf")
    best = values[right].max()
    return float(1 + np.count_nonzero(values[~right] >= best))


def hit_at_k(ranks: ArrayLike, k: int) -> Floats:
    """1 for each query whose first right answer is among the first k, else 0."""
    return (np.asarray(ranks, np.float64) <= k).astype(np.float64)


def recall_at_k(scores: ArrayLike, answer: ArrayLike, k: int) -> float:
    """Share of one query's right answers (flags, n) that are among its k best scores. NaN where there are none."""
    values, right = np.asarray(scores, np.float64), np.asarray(answer, bool)
    if not right.any():
        return float("nan")
    best = np.argsort(-values, kind="stable")[:k]
    return float(right[best].sum() / right.sum())


def retrieval_average_precision(scores: ArrayLike, answer: ArrayLike) -> float:
    """Mean over one query's right answers (flags, n) of the precision at their rank; mAP is its mean over queries.

    NaN where there are no right answers.
    """
    values, right = np.asarray(scores, np.float64), np.asarray(answer, bool)
    if not right.any():
        return float("nan")
    ranked = right[np.argsort(-values, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float(precision[ranked].mean())


def roc_auc(scores: ArrayLike, positive: ArrayLike) -> float:
    """Probability that a positive scores above a negative, ties counting half. NaN where one kind is missing."""
    values, flags = np.asarray(scores, np.float64), np.asarray(positive, bool)
    high, low = values[flags], np.sort(values[~flags])
    if not len(high) or not len(low):
        return float("nan")
    below = np.searchsorted(low, high, side="left")
    equal = np.searchsorted(low, high, side="right") - below
    return float((below + 0.5 * equal).sum() / (len(high) * len(low)))


def expected_calibration_error(probability: ArrayLike, outcome: ArrayLike, bins: int = 10) -> float:
    """Mean gap between stated probability and observed share over equally wide bins, weighted by their counts.

    NaN for no predictions.
    """
    stated, happened = np.asarray(probability, np.float64), np.asarray(outcome, np.float64)
    if not len(stated):
        return float("nan")
    place = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = np.bincount(place, happened, bins) - np.bincount(place, stated, bins)
    return float(np.abs(gaps).sum() / len(stated))


def bootstrap_interval(
    values: ArrayLike,
    *,
    statistic: Callable[[Floats], Floats] | None = None,
    share: float = 0.95,
    rounds: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval that holds `share` of resampled statistics of n values.

    `statistic` maps resamples (rounds, n) to (rounds,); the mean by default. (NaN, NaN) for no values.
    """
    sample = np.asarray(values, np.float64)
    if not len(sample):
        return float("nan"), float("nan")
    resamples = sample[np.random.default_rng(seed).integers(0, len(sample), (rounds, len(sample)))]
    figures = resamples.mean(axis=1) if statistic is None else statistic(resamples)
    low, high = np.quantile(figures, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
