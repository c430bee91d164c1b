"""How well copies find their originals, what weights of parts are learnt from, and how far landmarks are from labelled
ones; of networks in training.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from seamline.core.metrics import first_rank, relevance_in_order, retrieval_average_precision, roc_auc
from seamline.core.spec import CropSpec
from seamline.training.augment import plain_view
from seamline.training.crops import PRESENT, CropStore
from seamline.training.part_weights import PartDistances, part_distances
from seamline.training.views import CHANGED, KEPT, Views

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Encoded:
    """Originals and copies: vectors [N,P,D] of the views' own parts, `views`, the originals' categories [N], and the
    place of each part's counterpart in a mirrored view."""

    vectors: Floats
    views: Views
    category: NDArray[np.str_]
    mirror: tuple[int, ...]

    def without(self, copies: NDArray[np.bool_]) -> Encoded:
        """The rest of the views, where these [N] are not counted; they are copies, and all copies come after all
        originals."""
        views = dataclasses.replace(self.views, **{name: rows[~copies] for name, rows in vars(self.views).items()})
        return Encoded(self.vectors[~copies], views, self.category[~copies], self.mirror)

    def in_original_order(self) -> Floats:
        """Vectors with the parts of mirrored views in their counterparts' places."""
        mirrored = self.views.mirrored[:, None, None]
        return np.where(mirrored, self.vectors[:, list(self.mirror)], self.vectors)


def retrieval_figures(encoded: Encoded) -> dict[str, float]:
    """Each copy searched among the originals, parts weighted equally: `mAP` and `first` (share of copies whose
    original comes first); `part AUC`: probability that a kept part is more alike than a redesigned one."""
    vectors, views, copies = encoded.in_original_order(), encoded.views, encoded.views.copies
    originals = vectors[views.originals]
    scores = np.stack([1 - _mean(part_distances(vectors[copy][None], originals)) for copy in copies])
    ordered = relevance_in_order(scores, views.original[copies, None] == views.originals)
    own = 1 - part_distances(vectors[copies], vectors[views.original[copies]])
    change = views.change[copies]
    told = np.isfinite(own) & ((change == KEPT) | (change == CHANGED))
    return {
        "mAP": float(retrieval_average_precision(ordered).mean()),
        "first": float((first_rank(ordered) == 1).mean()),
        "part AUC": roc_auc(own[told], change[told] == KEPT),
    }


def _mean(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the parts that are not NaN; infinity where there are none."""
    known = np.isfinite(distances)
    total = np.where(known, distances, 0).sum(-1)
    return np.divide(total, known.sum(-1), out=np.full(len(total), np.inf), where=known.any(-1))


def weight_triplets(encoded: Encoded) -> PartDistances:
    """A triplet for each copy: its original, and the other garment that looks most like it with equal weights.

    A random other garment, as in the networks' own training, is nearly always further away by more than the margin and
    would teach nothing.
    """
    vectors, views, copies = encoded.in_original_order(), encoded.views, encoded.views.copies
    originals, own = views.originals, views.original[copies]
    nearest = [
        originals[_nearest_other(vectors[copy], vectors[originals], originals == mine)]
        for copy, mine in zip(copies, own, strict=True)
    ]
    return PartDistances(
        part_distances(vectors[own], vectors[copies]),
        part_distances(vectors[np.array(nearest)], vectors[copies]),
        encoded.category[copies],
    )


def _nearest_other(vector: Floats, originals: Floats, own: NDArray[np.bool_]) -> int:
    distance = _mean(part_distances(vector[None], originals))
    return int(np.argmin(np.where(own, np.inf, distance)))


def mean_distance(points: NDArray[np.float32], store: CropStore) -> float:
    """Mean distance of points [N,K,2 or more], in pixels of the plain views, from the store's N crops' present
    landmarks, in diagonals of the garment's box."""
    distances = []
    for crop, found in enumerate(points):
        view = plain_view(store, crop, CropSpec().side)
        present = view.state == PRESENT
        distances.append(np.hypot(*(found[present, :2] - view.points[present]).T) / _diagonal(store, crop))
    return float(np.concatenate(distances).mean())


def _diagonal(store: CropStore, crop: int) -> float:
    """Of the garment's box, in pixels of the plain view."""
    x0, y0, x1, y1 = store.labels[crop].box
    longer = max(x1 - x0, y1 - y0)
    return math.hypot(x1 - x0, y1 - y0) / longer * CropSpec().side / (1 + 2 * CropSpec().margin)
