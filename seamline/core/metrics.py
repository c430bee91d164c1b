"""Figures of quality as pure functions of arrays, independent of models, files and indexes.

Ranks count from 1; a query whose answer was not found has rank infinity. Scores: larger is more alike, or more certain.
Intervals come from resampling queries: the pairs of one query hang together and are drawn together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seamline.core.detections import intersection_over_union

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


def match_told_boxes(boxes: ArrayLike, truth: ArrayLike, untold: ArrayLike, overlap: float) -> tuple[Flags, Flags]:
    """As `match_boxes`, and which of the n boxes count: one that matches none of the true boxes but one of the `untold`
    (k, 4), of which nobody knows whether they are to be found, is neither right nor wrong (Pascal VOC's "difficult").
    """
    hits = match_boxes(boxes, truth, overlap)
    spare = np.zeros(len(hits), bool)
    spare[~hits] = match_boxes(np.asarray(boxes, np.float32).reshape(-1, 4)[~hits], untold, overlap)
    return hits, ~spare


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


PhotoBoxes = tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]
"""Of one photo: n boxes (n, 4), strongest first, their scores (n,), the true boxes (m, 4) and the untold (k, 4)."""


def photos_average_precision(photos: Iterable[PhotoBoxes], overlap: float) -> tuple[float, int]:
    """`detection_average_precision` of boxes matched in each photo by `match_told_boxes`, and how many true boxes the
    photos show; NaN where they show none."""
    hits, scores, count = [np.zeros(0, bool)], [np.zeros(0, np.float32)], 0
    for boxes, score, truth, untold in photos:
        hit, counted = match_told_boxes(boxes, truth, untold, overlap)
        hits.append(hit[counted])
        scores.append(np.asarray(score, np.float32)[counted])
        count += len(np.asarray(truth))
    return detection_average_precision(np.concatenate(scores), np.concatenate(hits), count), count


def relevance_in_order(scores: ArrayLike, relevant: ArrayLike) -> Flags:
    """Which of n answers are relevant (flags, (..., n)), best score (..., n) first; ties count against the relevant.

    Several queries are several rows. What scores -inf comes last.
    """
    values, flags = np.broadcast_arrays(np.asarray(scores, np.float64), np.asarray(relevant, bool))
    irrelevant_first = np.argsort(flags, axis=-1, kind="stable")
    falling = np.argsort(-np.take_along_axis(values, irrelevant_first, -1), axis=-1, kind="stable")
    return np.take_along_axis(flags, np.take_along_axis(irrelevant_first, falling, -1), -1)


def first_rank(ordered: ArrayLike) -> Floats:
    """Rank (...,) of the first relevant answer among answers in order (..., n); infinity where there is none."""
    flags = np.asarray(ordered, bool)
    return (
        np.where(flags.any(-1), 1.0 + flags.argmax(-1), np.inf)
        if flags.shape[-1]
        else np.full(flags.shape[:-1], np.inf)
    )


def hit_at_k(ordered: ArrayLike, k: int) -> Floats:
    """1 for each query (...,) with a relevant answer among its first k of n in order (..., n), else 0.

    Recall in the reading "is the query answered at all".
    """
    return np.asarray(ordered, bool)[..., :k].any(-1).astype(np.float64)


def recall_at_k(ordered: ArrayLike, k: int) -> Floats:
    """Share of each query's relevant answers (...,) that are among its first k of n in order (..., n).

    Recall in the reading "how many of the copies are shown". NaN where a query has no relevant answer.
    """
    flags = np.asarray(ordered, bool)
    return _ratio(flags[..., :k].sum(-1), flags.sum(-1))


def retrieval_average_precision(ordered: ArrayLike) -> Floats:
    """Mean (...,) over each query's relevant answers of the precision at their rank, from answers in order (..., n).

    mAP is its mean over queries. NaN where a query has no relevant answer.
    """
    flags = np.asarray(ordered, bool)
    precision = np.cumsum(flags, -1) / np.arange(1, flags.shape[-1] + 1)
    return _ratio((precision * flags).sum(-1), flags.sum(-1))


def retrieval_values(ordered: ArrayLike, metrics: Sequence[str]) -> dict[str, Floats]:
    """Each metric's value for every query (...,), from answers in order (..., n).

    `metrics`: "mAP", "hit@K" or "recall@K" with a number K.
    """
    found = {}
    for metric in metrics:
        kind, _, k = metric.partition("@")
        if kind == "mAP":
            found[metric] = retrieval_average_precision(ordered)
        else:
            found[metric] = {"hit": hit_at_k, "recall": recall_at_k}[kind](ordered, int(k))
    return found


def _ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    parts, wholes = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(parts, wholes, out=np.full(wholes.shape, np.nan), where=wholes > 0)


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
    place = _bin(stated, bins)
    gaps = np.bincount(place, happened, bins) - np.bincount(place, stated, bins)
    return float(np.abs(gaps).sum() / len(stated))


def reliability(probability: ArrayLike, outcome: ArrayLike, bins: int = 10) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Per bin of equally wide stated probabilities: their mean, the observed share and the count (bins,).

    Mean and share are NaN in an empty bin. What a reliability diagram shows.
    """
    stated, happened = np.asarray(probability, np.float64), np.asarray(outcome, np.float64)
    place = _bin(stated, bins)
    count = np.bincount(place, minlength=bins)
    return (
        _ratio(np.bincount(place, stated, bins), count),
        _ratio(np.bincount(place, happened, bins), count),
        count.astype(np.int64),
    )


def roc_curve(scores: ArrayLike, positive: ArrayLike) -> tuple[Floats, Floats]:
    """Shares of negatives and of positives at or above each threshold, from (0, 0) to (1, 1); its area is `roc_auc`."""
    values, flags = np.asarray(scores, np.float64), np.asarray(positive, bool)
    order = np.argsort(-values, kind="stable")
    last_of_tie = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    above = np.cumsum(flags[order])[last_of_tie], np.cumsum(~flags[order])[last_of_tie]
    true, false = (np.concatenate([[0.0], part / max(1, part[-1])]) for part in above)
    return false, true


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


def grouped_bootstrap_interval(
    groups: ArrayLike,
    statistic: Callable[[NDArray[np.int64]], float],
    *,
    share: float = 0.95,
    rounds: int = 500,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic of n cases that belong to groups (n,), such as queries.

    Whole groups are drawn with replacement; `statistic` gets the indices of the cases drawn. Rounds in which it is NaN
    are left out. (NaN, NaN) where nothing is left.
    """
    names = np.asarray(groups)
    order = np.argsort(names, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(names[order])) + 1) if len(names) else []
    random = np.random.default_rng(seed)
    figures = [
        statistic(np.concatenate([members[index] for index in random.integers(0, len(members), len(members))]))
        for _ in range(rounds if members else 0)
    ]
    known = np.array([figure for figure in figures if np.isfinite(figure)])
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _bin(stated: Floats, bins: int) -> NDArray[np.int64]:
    return np.clip((stated * bins).astype(np.int64), 0, bins - 1)
