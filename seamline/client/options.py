"""What a search may be told, as tensors of the wire. The server checks the values; names are checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seamline.client.tensors import Array, texts
from seamline.core.errors import BadBox, BadOption
from seamline.core.spec import REGIONS

Weights = Mapping[str, float] | Sequence[float]
BoxLike = Sequence[float]


@dataclass(frozen=True)
class SearchOptions:
    """Options of one search; None leaves the choice to the server, except that weights imply `weighted`."""

    collection: str | None = None
    top_k: int | None = None
    ranking: str | None = None
    weights: Weights | None = None
    categories: Sequence[str] | None = None

    def tensors(self) -> dict[str, Array]:
        """The given options by tensor name. Raises BadOption for a weight of an unknown region or a huge top_k."""
        given: dict[str, Array] = {}
        if self.collection is not None:
            given["COLLECTION"] = texts([self.collection])
        if self.top_k is not None:
            given["TOP_K"] = _int32(self.top_k)
        ranking = ranking_for(self.ranking, self.weights)
        if ranking is not None:
            given["RANKING"] = texts([ranking])
        if self.weights is not None:
            given["REGION_WEIGHTS"] = weight_row(self.weights)
        if self.categories:
            given["CATEGORIES"] = texts(self.categories)
        return given


def ranking_for(ranking: str | None, weights: Weights | None) -> str | None:
    """The ranking that was asked for; `weighted`, the only one that weights concern, where only weights were given."""
    return "weighted" if ranking is None and weights is not None else ranking


def weight_row(weights: Weights) -> Array:
    """Five weights FP32 in the order of REGIONS; a region that a mapping does not name weighs 0."""
    if not isinstance(weights, Mapping):
        return np.asarray(weights, np.float32).reshape(-1)
    unknown = sorted(set(weights) - set(REGIONS))
    if unknown:
        raise BadOption(f"there is no region {unknown[0]!r}; the regions are {', '.join(REGIONS)}")
    return np.array([weights.get(region, 0.0) for region in REGIONS], np.float32)


def box_tensor(box: BoxLike) -> Array:
    """BOX FP32 [4]. Raises BadBox when it does not have four numbers."""
    row = np.asarray(box, np.float32).reshape(-1)
    if row.size != 4:
        raise BadBox(f"a box has four numbers x0, y0, x1, y1; got {row.size}")
    return row


def _int32(value: int) -> Array:
    if not -(2**31) <= value < 2**31:
        raise BadOption(f"TOP_K {value} is out of range")
    return np.array([value], np.int32)
