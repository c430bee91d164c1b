"""How a sleeve moves: turned about the shoulder, or folded, which is a reflection, as cloth is a flat sheet."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from seamline.data.copies.sample import Floats
from seamline.data.copies.warp import Doubles


@dataclasses.dataclass(frozen=True)
class Hinge:
    """What a sleeve does. `sleeve` (4, 2): shoulder, outer and inner cuff, armpit; `part`: polygon (N, 2) that holds
    all of its cloth; `body`: polygon (N, 2) of the cloth that stays.

    It turns by `angle` (radians) about `centre`, the more the farther away it is, from nothing at `inner` pixels to
    all of it at `outer`; or, with `fold` (2,), the unit normal of a line through `centre`, what lies beyond the line
    is folded over it.
    """

    sleeve: Floats
    part: Floats
    body: Floats
    centre: Floats
    angle: float = 0.0
    inner: float = 0.0
    outer: float = 1.0
    fold: Doubles | None = None

    def moved(self, points: Floats) -> Floats:
        """Where points (N, 2) of the moving cloth come to lie."""
        return self._placed(points, self.angle)

    def origin(self, points: Floats) -> Floats:
        """Where the moving cloth at places (N, 2) comes from."""
        return self._placed(points, -self.angle)

    def _placed(self, points: Floats, angle: float) -> Floats:
        arm = points - self.centre
        if self.fold is not None:
            return (points - 2 * (arm @ self.fold)[:, None] * self.fold).astype(np.float32)
        turn = angle * self.share(points)
        cosine, sine = np.cos(turn), np.sin(turn)
        x, y = arm[:, 0] * cosine - arm[:, 1] * sine, arm[:, 0] * sine + arm[:, 1] * cosine
        return (self.centre + np.column_stack([x, y])).astype(np.float32)

    def share(self, points: Floats) -> Floats:
        """How far the cloth at points (N, 2) follows, 0 to 1; a turn does not change distances to `centre`."""
        arm = points - self.centre
        if self.fold is not None:
            return np.asarray(arm @ self.fold > 0, np.float32)
        step = np.clip((np.hypot(*arm.T) - self.inner) / max(1.0, self.outer - self.inner), 0, 1)
        return np.asarray(step * step * (3 - 2 * step), np.float32)

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Which points (N, 2) lie on the moving cloth or at most two pixels beside it."""
        near = [cv2.pointPolygonTest(self.part, (float(x), float(y)), True) > -2 for x, y in points]
        return np.array(near, bool) & (self.share(points) > 0)
