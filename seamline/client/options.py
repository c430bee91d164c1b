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


def _int32(value: int) -> Array:
    if not -(2**31) <= value < 2**31:
        raise BadOption(f"TOP_K {value} is out of range")
    return np.array([value], np.int32)
