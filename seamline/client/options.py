"""What a search may be told, as tensors of the wire. The server checks the values; names are checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seamline.client.tensors import Array, texts
from seamline.core.errors import BadBox, BadOption
from seamline.core.parts import Parts
from seamline.ranking import taking_weights

Weights = Mapping[str, float] | Sequence[float]
BoxLike = Sequence[float]
LandmarksLike = Array | Sequence[Sequence[Sequence[float]]]
"""[n, K, 3]: x, y and confidence of the landmarks of each garment."""


@dataclass(frozen=True)
class SearchOptions:
    """Options of one search; None leaves the choice to the server, except that weights (P,) imply `weighted`."""

    collection: str | None = None
    top_k: int | None = None
    ranking: str | None = None
    weights: Array | None = None
    categories: Sequence[str] | None = None

    def tensors(self) -> dict[str, Array]:
        """The given options by tensor name. Raises BadOption for a huge top_k."""
        given: dict[str, Array] = {}
        if self.collection is not None:
            given["COLLECTION"] = texts([self.collection])
        if self.top_k is not None:
            given["TOP_K"] = _int32(self.top_k)
        ranking = ranking_for(self.ranking, self.weights)
        if ranking is not None:
            given["RANKING"] = texts([ranking])
        if self.weights is not None:
            given["PART_WEIGHTS"] = self.weights
        if self.categories:
            given["CATEGORIES"] = texts(self.categories)
        return given


def ranking_for(ranking: str | None, weights: object | None) -> str | None:
    """The ranking that was asked for; where only weights were given, the first one in which they count."""
    return taking_weights()[0] if ranking is None and weights is not None else ranking


def named_weights(weights: Mapping[str, float], parts: Parts) -> Array:
    """P weights FP32 in the order of the parts; one that is not named weighs 0. Raises BadOption for an unknown one."""
    unknown = sorted(set(weights) - set(parts.names))
    if unknown:
        raise BadOption(f"there is no part {unknown[0]!r}; the parts are {', '.join(parts.names)}")
    return np.array([weights.get(name, 0.0) for name in parts.names], np.float32)


def box_tensor(box: BoxLike) -> Array:
    """BOX FP32 [4]. Raises BadBox when it does not have four numbers."""
    row = np.asarray(box, np.float32).reshape(-1)
    if row.size != 4:
        raise BadBox(f"a box has four numbers x0, y0, x1, y1; got {row.size}")
    return row


def landmarks_tensor(landmarks: LandmarksLike) -> Array:
    """GIVEN_LANDMARKS FP32 [n,K,3]. Raises BadOption when they are not finite, or a confidence is not 0 to 1."""
    try:
        with np.errstate(over="ignore"):
            rows = np.asarray(landmarks, np.float32)
    except (TypeError, ValueError, OverflowError):
        rows = np.empty(0, np.float32)
    if rows.ndim != 3 or rows.shape[2] != 3 or not rows.size:
        raise BadOption("landmarks are a list of garments, each a list of landmarks of x, y and confidence")
    if not np.isfinite(rows).all():
        raise BadOption("landmarks must be finite numbers; one that cannot be seen has the confidence 0")
    if not ((rows[..., 2] >= 0) & (rows[..., 2] <= 1)).all():
        raise BadOption("the confidence of a landmark, its third number, must lie between 0 and 1")
    return rows


def _int32(value: int) -> Array:
    if not -(2**31) <= value < 2**31:
        raise BadOption(f"TOP_K {value} is out of range")
    return np.array([value], np.int32)
