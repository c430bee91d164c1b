"""Where one garment lies on another: the similarity transform that lays a hit over its query.

Least squares over the places of parts that both garments show: each part's box gives its centre and its four corners,
which say how a garment is turned in its photo.
A similarity turns, scales and moves, and for a mirrored pair flips, but never squeezes, so that a copy that was made
wider stays visibly wider. On drawn copies in other photos it leaves landmarks 3 % of the garment's diagonal apart; the
garments' own boxes, which stand in where fewer than two parts are shared, leave 6 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seamline.desk.pairs import Box, Corners, Pair

Doubles = NDArray[np.float64]

ROUGH = 0.05
"""Mean error above which the page warns: nine in ten drawn copies stay below it."""

_CENTRE_WEIGHT = 16.0
"""To 1 of a corner. The edges of a box say little of how a garment is turned, the centres of several parts much."""

_FEWEST_PARTS = 2

_FLIPPED = [1, 0, 3, 2]
"""The corners of a box in the order of those that they become in a flipped photo."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """`matrix` (2, 3): pixels of the hit (x, y, 1) -> pixels of the query. `error`: mean distance between points of the
    boxes that belong together, as a share of the diagonal of the query's box. `by_parts`: whether parts were used."""

    matrix: Doubles
    error: float
    by_parts: bool

    @property
    def rough(self) -> bool:
        """Whether places that correspond may lie visibly apart."""
        return not self.by_parts or self.error > ROUGH

    def to_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        shared = {"error": round(self.error, 4), "by_parts": self.by_parts, "rough": self.rough}
        return {"matrix": self.matrix.tolist(), **shared}


def align(pair: Pair) -> Alignment:
    """How the hit lies on the query."""
    shared = _shared_parts(pair)
    by_parts = len(shared) >= _FEWEST_PARTS
    places = shared if by_parts else [(_corners(pair.query.box), _corners(pair.hit.box))]
    query, hit = (np.array(side, np.float64) for side in zip(*places, strict=True))
    if pair.mirrored:
        hit = hit * (-1, 1)
        query = query[:, _FLIPPED]
    query, hit = _points(query), _points(hit)
    weights = np.tile([_CENTRE_WEIGHT, 1, 1, 1, 1], len(places))
    matrix = _similarity(hit, query, weights / weights.sum())
    distances = np.hypot(*(hit @ matrix[:, :2].T + matrix[:, 2] - query).T)
    error = float(np.average(distances, weights=weights)) / max(_diagonal(pair.query.box), 1.0)
    return Alignment(matrix * (-1, 1, 1) if pair.mirrored else matrix, error, by_parts)


def _shared_parts(pair: Pair) -> list[tuple[Corners, Corners]]:
    """Corners in the query and the hit, for parts that have a place in both."""
    found = [
        (pair.query.part_corners[place], pair.hit.part_corners[part.partner]) for place, part in enumerate(pair.parts)
    ]
    return [(query, hit) for query, hit in found if query and hit and _extends(query) and _extends(hit)]


def _extends(corners: Corners) -> bool:
    """Whether a box has both a width and a height, however it is turned."""
    first, second, _, fourth = np.array(corners)
    return bool((second - first).any() and (fourth - first).any())


def _corners(box: Box) -> Corners:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _points(corners: Doubles) -> Doubles:
    """(5 n, 2): the centre of each box (n, 4, 2), then its corners."""
    return np.concatenate([corners.mean(1, keepdims=True), corners], 1).reshape(-1, 2)


def _similarity(points: Doubles, onto: Doubles, weights: Doubles) -> Doubles:
    """(2, 3): turns, scales and moves points (n, 2) to where they lie nearest to others, by weights (n,) of sum 1.

    In the plane of complex numbers the factor that does this is a single quotient.
    """
    middle, middle_onto = weights @ points, weights @ onto
    own, other = ((values - centre) @ (1, 1j) for values, centre in ((points, middle), (onto, middle_onto)))
    spread = float(weights @ np.abs(own) ** 2)
    factor = complex(weights @ (own.conj() * other)) / spread if spread else 1 + 0j
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, middle_onto - turn @ middle])


def _diagonal(box: Box) -> float:
    return float(np.hypot(box[2] - box[0], box[3] - box[1]))
