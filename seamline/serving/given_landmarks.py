"""GIVEN_LANDMARKS: landmarks that the caller has corrected, in the place of those that the network found.

An ensemble has one name for a tensor, so what comes in cannot bear the name of the answer LANDMARKS.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seamline.core.errors import BadOption
from seamline.core.image import Limits
from seamline.serving.step import Array, Tensors

GIVEN_LANDMARKS = "GIVEN_LANDMARKS"

_REACH = 1.5
"""Distance from its garment's centre, each way and in sides of the crop's square, at which a landmark that is seen may
lie: regions end with the crop, and one beyond its neighbourhood is given in other units or for another garment."""

_FARTHEST = 2.0 * Limits().max_side
"""The same in pixels for one that is not seen, whose place says nothing."""


def given_landmarks(tensors: Tensors, count: int, squares: Array, names: Sequence[str]) -> Array | None:
    """GIVEN_LANDMARKS (n, K, 3) = x, y in pixels of the photo and a confidence 0..1, None where the request has none.

    `count`: garments of the photo. `squares` (m, 5): where they were cropped. `names`: of the K landmarks. Raises
    BadOption.
    """
    given = tensors.get(GIVEN_LANDMARKS)
    if given is None:
        return None
    _check_shape(given, count, len(names))
    if not np.isfinite(given).all():
        raise BadOption(f"{GIVEN_LANDMARKS} must hold finite numbers; a landmark that cannot be seen has confidence 0")
    if not ((given[..., 2] >= 0) & (given[..., 2] <= 1)).all():
        raise BadOption(
            f"the third number of each of {GIVEN_LANDMARKS} must lie between 0, cannot be seen, and 1, is certain"
        )
    _check_places(given, squares, names)
    return given.astype(np.float32, copy=False)


def _check_shape(given: Array, count: int, points: int) -> None:
    if not count:
        raise BadOption(f"{GIVEN_LANDMARKS} has no garment to belong to: the photo shows none; BOX names one")
    if given.ndim != 3 or given.shape[1:] != (points, 3):
        raise BadOption(
            f"{GIVEN_LANDMARKS} must hold {points} landmarks of each garment, x, y and confidence; "
            f"got the shape {given.shape}"
        )
    if len(given) != count:
        raise BadOption(
            f"{GIVEN_LANDMARKS} must hold the landmarks of each of the photo's garments in the order of BOXES, "
            f"{count} here; got those of {len(given)}; BOX names one garment alone"
        )


def _check_places(given: Array, squares: Array, names: Sequence[str]) -> None:
    centres = (squares[:, :2] + squares[:, 2:4]) / 2
    reach = np.where(given[..., 2] > 0, _REACH * (squares[:, 2:3] - squares[:, :1]), _FARTHEST)
    away = np.abs(given[..., :2].astype(np.float64) - centres[:, None]).max(-1) > reach
    for row, point in np.argwhere(away)[:1]:
        x, y = given[row, point, :2]
        raise BadOption(
            f"the landmark {names[point]} of {GIVEN_LANDMARKS} lies at {x:g}, {y:g}, far outside its garment; "
            "x and y are pixels of the upright photo"
        )
