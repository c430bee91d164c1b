"""What a changed network costs on the quality benchmark: copies found before and after, for the same queries."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import SeamlineError
from seamline.core.metrics import bootstrap_interval
from seamline.evaluation.benchmark import prepare
from seamline.evaluation.photos import Options
from seamline.evaluation.ranking import served
from seamline.exporting.errors import ExportError
from seamline.exporting.regression_options import LEVEL
from seamline.exporting.retrieval_regression import precisions
from seamline.serving.weights import Weights

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Cost:
    """mAP of the shipped ranking before and after; `loss` is how much is lost, with its 95 % interval over queries."""

    queries: int
    photos: int
    before: float
    after: float
    low: float
    high: float

    @property
    def loss(self) -> float:
        """Of mAP; negative where it got better."""
        return self.before - self.after

    def refusals(self, most: float) -> list[str]:
        """One sentence where more is lost than is allowed; a loss that is not a number is too much."""
        if self.loss <= most:
            return []
        if not self.queries:
            return ["no query has copies to find; name a folder with more photos"]
        return [
            f"int8 costs {self.loss:.4f} of mAP ({self.before:.4f} to {self.after:.4f} on {self.queries} queries), "
            f"{most:g} is allowed"
        ]

    def text(self) -> str:
        """A line to read."""
        return (
            f"mAP {self.before:.4f} before, {self.after:.4f} after: {self.loss:+.4f} lost "
            f"({self.low:+.4f} to {self.high:+.4f}), {self.queries} queries among {self.photos} photos, {LEVEL} copies"
        )


def cost(options: Options, before: Weights, after: Weights) -> Cost:
    """Both sets of weights on the same originals and copies. Raises ExportError where nothing can be measured."""
    try:
        first, photos = _precisions(options, before)
        second, _ = _precisions(options, after)
    except SeamlineError as error:
        raise ExportError(f"the cost cannot be measured: {error}") from error
    known = np.isfinite(first) & np.isfinite(second)  # a query has no copies where its garment could not be edited
    low, high = bootstrap_interval((first - second)[known], seed=options.seed)
    return Cost(int(known.sum()), photos, float(first[known].mean()), float(second[known].mean()), low, high)


def _precisions(options: Options, weights: Weights) -> tuple[Floats, int]:
    """Average precision of each query, and the number of photos."""
    benchmark = prepare(options, weights, LEVEL)
    score = benchmark.search(benchmark.embed(weights), weights, served(weights.spec)[0]).score
    return precisions(benchmark, score), benchmark.problem.photos
