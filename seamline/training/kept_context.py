"""What tells kept regions of a pair from redesigned ones, beside a region's own similarity; pure numpy.

For each region a logistic function of its similarity and of the mean of the others', in which a sleeve is one region
whichever side it is on. Where it is even, it is a threshold that moves with the mean: the second weight over the first
is how far.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import Parts
from seamline.ranking.kept import others_mean
from seamline.training.logistic import Doubles, fit_logistic
from seamline.training.views import CHANGED, KEPT

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_FEWEST = 20
"""Of either kind, of each region, from which on something can be learnt."""

_UNRELATED = 0.1
"""What unrelated garments count among what is not kept: few of the hits that a person looks at are such."""

_MOST = 0.9
"""Of a slope: at 1 a garment that is changed all over would count as kept all over."""

_PENALTY = 1e-4


@dataclasses.dataclass(frozen=True)
class KeptContext:
    """`kept_context`, `kept_usual` and `kept_slope` of `ScoringSpec`; no numbers where nothing was learnt."""

    context: tuple[float, ...] = ()
    usual: float = 0.0
    slope: tuple[float, ...] = ()


def fit_kept_context(similarity: Floats, change: NDArray[np.int8], unrelated: Floats, parts: Parts) -> KeptContext:
    """From copies' similarities [M,P] to their originals, what became of the regions [M,P], and similarities [K,P] of
    unrelated garments."""
    regions = list(parts.regions)
    own, fate = similarity[:, regions], change[:, regions]
    means, other_means = others_mean(own), others_mean(unrelated[:, regions])
    known = np.isfinite(own) & np.isfinite(means) & ((fate == KEPT) | (fate == CHANGED))
    other_known = np.isfinite(unrelated[:, regions]) & np.isfinite(other_means)
    if not known.any():
        return KeptContext()
    usual = float(means[known].mean())
    context, slope = np.zeros(len(parts)), np.ones(len(parts))
    for group in _groups(parts):
        columns = [regions.index(place) for place in group]
        found = _fitted(
            _rows(own - usual, means - usual, known, columns),
            np.concatenate([fate[known[:, column], column] == KEPT for column in columns]),
            _rows(unrelated[:, regions] - usual, other_means - usual, other_known, columns),
        )
        if found is None:
            return KeptContext()
        context[list(group)], slope[list(group)] = found
    return KeptContext(rounded(context), round(usual, 4), rounded(slope))


def _groups(parts: Parts) -> list[tuple[int, ...]]:
    """Regions, each with its mirrored counterpart."""
    return sorted({tuple(sorted({place, parts.mirror[place]})) for place in parts.regions})


def rounded(values: Floats | Doubles) -> tuple[float, ...]:
    """As spec.json has them."""
    return tuple(round(float(value), 4) for value in values)


def _rows(own: Floats, means: Floats, known: Flags, columns: list[int]) -> Doubles:
    """A region's similarity, the others' mean and 1, for each that is known in these columns."""
    pairs = [np.column_stack([own[known[:, c], c], means[known[:, c], c]]) for c in columns]
    rows = np.concatenate(pairs).astype(np.float64)
    return np.column_stack([rows, np.ones(len(rows))])


def _fitted(rows: Doubles, kept: Flags, unrelated: Doubles) -> tuple[float, float] | None:
    """How far the threshold moves, and the slope; None where there is too little, or more alike is not more kept."""
    if min(kept.sum(), (~kept).sum()) < _FEWEST:
        return None
    share = _UNRELATED if len(unrelated) else 0.0
    weights = np.where(kept, 1 / kept.sum(), (1 - share) / (~kept).sum())
    every = np.concatenate([weights, np.full(len(unrelated), share / max(1, len(unrelated)))])
    truth = np.concatenate([kept, np.zeros(len(unrelated), bool)])
    penalty = np.full(rows.shape[1], _PENALTY)
    own, others, _ = fit_logistic(np.concatenate([rows, unrelated]), truth, every, penalty)
    return (min(max(-others / own, 0.0), _MOST), own) if own > 0 else None
