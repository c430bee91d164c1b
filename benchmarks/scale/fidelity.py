"""Whether synthetic garments are like real ones: the same similarities to the same queries at the same number."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from benchmarks.scale.exact import similarities
from benchmarks.scale.plans import TOP
from benchmarks.scale.real import Floats, Real
from benchmarks.scale.synthetic import Synthetic
from seamline.core.parts import ANY_CATEGORY
from seamline.core.spec import Spec
from seamline.ranking.partial import partial_score

QUANTILES = (0.1, 0.5, 0.9)
_PAIRS = (0.01, 0.5, 0.99)


@dataclasses.dataclass(frozen=True)
class SimilarityFigure:
    """One figure of the similarities to real and to synthetic garments. Each value belongs to a quantile in `at`."""

    name: str
    at: tuple[float, ...]
    real: tuple[float, ...]
    synthetic: tuple[float, ...]


def similarity_figures(real: Real, spec: Spec, seed: int) -> list[SimilarityFigure]:
    """Held-out queries against the real garments, and against as many synthetic ones."""
    made = Synthetic(real, seed).chunk(0, len(real.sources)).vectors
    pairs = zip(_figures(real.queries, real.sources, spec), _figures(real.queries, made, spec), strict=True)
    return [SimilarityFigure(name, at, values, others) for (name, at, values), (_, _, others) in pairs]


def _figures(
    queries: Floats, gallery: Floats, spec: Spec
) -> Iterator[tuple[str, tuple[float, ...], tuple[float, ...]]]:
    straight, _ = similarities(gallery, queries, spec.parts.mirror)
    first, best_of = spec.parts.labels_for(ANY_CATEGORY)[0], spec.scoring.best_of
    whole, regions = straight.mean(0), straight[list(spec.parts.regions)]
    partial = np.stack([partial_score(regions[:, :, query].T, best_of) for query in range(len(queries))], 1)
    yield "similarity of a pair, mean of the parts", _PAIRS, _quantiles(whole, _PAIRS)
    yield f"similarity of a pair, {first}", _PAIRS, _quantiles(straight[0], _PAIRS)
    for name, scores in (("mean of the parts", whole), (first, straight[0]), ("partial score of the regions", partial)):
        for place in (1, 5, TOP):
            nearest = -np.sort(-scores, axis=0)[place - 1]
            yield f"{name}, the query's number {place}", QUANTILES, _quantiles(nearest, QUANTILES)
    if len(straight) > 1:
        yield "correlation between two parts' similarities, mean", (), (_correlation(straight),)


def _quantiles(values: Floats, at: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.quantile(values, at))


def _correlation(straight: Floats) -> float:
    between = np.corrcoef(straight.reshape(len(straight), -1))
    return float(between[np.triu_indices(len(between), 1)].mean())
