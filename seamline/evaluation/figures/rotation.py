"""Whether a photo that was turned is still found, and still taken for a copy of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import relevance_in_order
from seamline.evaluation.look_alikes import strongest
from seamline.evaluation.protocol import QueryGallery
from seamline.evaluation.ranking import Searched
from seamline.evaluation.report import Cases
from seamline.evaluation.turned_photos import TurnedPhoto

TITLE = "rotation: turned photos find themselves"
LIKELY = 0.5
"""Copy probability above which a hit is taken for a copy."""


def of_rotation(turned: Sequence[TurnedPhoto], searched: Searched) -> Iterator[Cases]:
    """Shares of the turned photos, by angle, by the first ranking; a photo's turns hang together."""
    problem, (_, found) = searched.problem, searched.first
    first = relevance_in_order(found.score, problem.relevant)[:, 0]
    likely = np.where(problem.relevant, found.probability, 0).max(1) > LIKELY
    same = _same_category(problem)
    names = sorted({one.original for one in turned})
    group = np.array([names.index(one.original) for one in turned])
    kinds = np.array([one.kind for one in turned])
    for name, rows in (
        ("all", np.ones(len(kinds), bool)),
        *((kind, kinds == kind) for kind in dict.fromkeys(kinds.tolist())),
    ):
        for metric, values in (
            ("rank 1", first),
            (f"probability > {LIKELY:g}", likely),
            ("both", first & likely),
            ("a garment found", problem.query_garment >= 0),
            ("same category", same),
        ):
            yield Cases(TITLE, name, metric, values[rows], group[rows])


def _same_category(problem: QueryGallery) -> NDArray[np.bool_]:
    """Whether each query's strongest garment (Q,) is taken for what that of the photo it should find is."""
    category, turned = np.array(problem.category), problem.query_garment
    upright = strongest(problem.photo, problem.relevant.argmax(1))
    return (turned >= 0) & (upright >= 0) & (category[turned] == category[upright])
