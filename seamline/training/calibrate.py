"""What similarities mean, measured on views that the projection has not seen; pure numpy over cached vectors.

Per part: mean and spread of the similarity of unrelated garments, and the similarity from which a part counts as kept,
which moves with how alike the pair's other regions are.
For pairs: the probability that the second copies the first, as a logistic function of the default ranking's score and
of the cohort score.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec
from seamline.ranking import ranking_named
from seamline.ranking.kept import threshold_moves
from seamline.training.copy_odds import CopyOdds, fit_copy_odds
from seamline.training.kept_context import KeptContext, fit_kept_context, rounded
from seamline.training.views import CHANGED, KEPT, Views

Floats = NDArray[np.float32]

_OTHERS_PER_ORIGINAL = 100
_LEAST_SPREAD = 0.02
_CUT_WITHOUT_SAMPLES = 0.5


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The measured numbers [P] each, how well they separate, how thresholds move, and the logistic function."""

    znorm_mean: Floats
    znorm_std: Floats
    kept_above: Floats
    kept_accuracy: Floats
    kept_context: KeptContext
    copy_odds: CopyOdds

    def applied_to(self, scoring: ScoringSpec) -> ScoringSpec:
        """The scoring numbers with these in their places."""
        return dataclasses.replace(
            scoring,
            znorm_mean=rounded(self.znorm_mean),
            znorm_std=rounded(self.znorm_std),
            kept_above=rounded(self.kept_above),
            kept_context=self.kept_context.context,
            kept_usual=self.kept_context.usual,
            kept_slope=self.kept_context.slope,
            copy_slope=round(self.copy_odds.slope, 4),
            copy_offset=round(self.copy_odds.offset, 4),
            copy_cohort=round(self.copy_odds.cohort, 4),
            cohort_scores=self.copy_odds.cohort_scores,
        )


def calibrate(
    vectors: Floats,
    views: Views,
    scoring: ScoringSpec,
    parts: Parts,
    seed: int = 0,
    others: Floats | None = None,
    ranking: str = "partial",
    stated: tuple[Floats, Views] | None = None,
) -> Calibration:
    """Measure all numbers on these views' vectors [N,P,D] of these parts.

    `others` [M,P,D]: further garments among which copies are searched for. The probability holds for collections
    of about that size that hold a few copies of a design. `ranking`: the system's default one, whose score it is of.
    `stated`: vectors and views that the probability is measured on instead.
    """
    random = np.random.default_rng(seed)
    of_others = _unrelated(vectors, views, random)
    unrelated = _with_counterparts(_columns(of_others), parts)
    mean = np.array([values.mean() if len(values) else 0.0 for values in unrelated], np.float32)
    std = np.array(
        [max(float(values.std()), _LEAST_SPREAD) if len(values) else 1.0 for values in unrelated], np.float32
    )
    of_copies, change = _of_copies(vectors, views, parts)
    context = fit_kept_context(of_copies, change, of_others, parts)
    of_copies, of_others = (_beside_others(values, parts, context) for values in (of_copies, of_others))
    kept, changed, unrelated = (
        _with_counterparts(values, parts)
        for values in (_columns(of_copies, change == KEPT), _columns(of_copies, change == CHANGED), _columns(of_others))
    )
    cuts = [_best_cut(kept[r], changed[r], unrelated[r]) for r in range(len(parts))]
    scoring = dataclasses.replace(scoring, znorm_mean=rounded(mean), znorm_std=rounded(std))
    rest = np.zeros((0, *vectors.shape[1:]), np.float32) if others is None else others
    odds = fit_copy_odds(*(stated or (vectors, views)), rest, scoring, parts, ranking_named(ranking), seed)
    threshold, accuracy = (np.array(column, np.float32) for column in zip(*cuts, strict=True))
    return Calibration(mean, std, threshold, accuracy, context, odds)


def _unrelated(vectors: Floats, views: Views, random: np.random.Generator) -> Floats:
    """Similarities [M,P] of the originals with other originals; NaN where a part is absent."""
    originals = views.originals
    shifts = random.permutation(np.arange(1, len(originals)))[:_OTHERS_PER_ORIGINAL]
    rows = [_similarity(vectors[originals], vectors[np.roll(originals, int(shift))]) for shift in shifts]
    return np.concatenate(rows)


def _similarity(first: Floats, second: Floats) -> Floats:
    """Cosines [M,P] of pairs of vectors [M,P,D]."""
    cosine = (first * second).sum(-1)
    cosine[~(first.any(-1) & second.any(-1))] = np.nan
    return cosine


def _of_copies(vectors: Floats, views: Views, parts: Parts) -> tuple[Floats, NDArray[np.int8]]:
    """Similarities [M,P] between originals and copies, and what became of the originals' parts, [M,P]."""
    copies = views.copies
    placed = np.where(views.mirrored[copies, None, None], vectors[copies][:, list(parts.mirror)], vectors[copies])
    return _similarity(vectors[views.original[copies]], placed), views.change[copies]


def _beside_others(similarity: Floats, parts: Parts, context: KeptContext) -> Floats:
    """Similarities [M,P] less what the pair's other regions move the thresholds by."""
    moving = dataclasses.replace(
        ScoringSpec.of_parts(len(parts)), kept_context=context.context, kept_usual=context.usual
    )
    return similarity - threshold_moves(similarity, parts, moving)


def _columns(values: Floats, chosen: NDArray[np.bool_] | None = None) -> list[Floats]:
    """Per part the values [M,P] that are known, of those `chosen` [M,P] alone."""
    known = np.isfinite(values) if chosen is None else np.isfinite(values) & chosen
    return [column[own] for column, own in zip(values.T, known.T, strict=True)]


def _with_counterparts(values: list[Floats], parts: Parts) -> list[Floats]:
    """Each part's values together with its mirrored counterpart's: a sleeve's numbers must not depend on its side."""
    return [np.concatenate([values[p], values[m]]) if m != p else values[p] for p, m in enumerate(parts.mirror)]


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _best_cut(kept: Floats, changed: Floats, unrelated: Floats) -> tuple[float, float]:
    """Threshold with the best balanced accuracy and that accuracy: kept parts at or above it, others below.

    Changed and unrelated parts have equal say, however many there are of each.
    """
    if not len(kept):
        return _CUT_WITHOUT_SAMPLES, 0.5
    cuts = np.unique(np.quantile(np.concatenate([kept, changed]), np.linspace(0, 1, 2001)))
    above = 1 - _share_below(kept, cuts)
    below = (_share_below(changed, cuts) + _share_below(unrelated, cuts)) / 2
    accuracy = (above + below) / 2
    best = int(accuracy.argmax())
    return float(cuts[best]), float(accuracy[best])


def _share_below(values: Floats, cuts: Floats) -> NDArray[np.float64]:
    """Share of the values below each cut; 1 where there are no values."""
    if not len(values):
        return np.ones(len(cuts))
    return np.searchsorted(np.sort(values), cuts) / len(values)
