"""Cloth folded over flat: what lies beyond a line is turned back across it and lies on top."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.synthetic.curves import Points
from seamline.synthetic.pieces import Decal, Frame, Panel, Piece, Relief, Seam


@dataclasses.dataclass(frozen=True)
class FoldLine:
    """A line through `point` at `angle` (radians); cloth on the side of `beyond` is turned back."""

    point: tuple[float, float]
    angle: float
    beyond: tuple[float, float]

    def side(self, points: Points) -> Points:
        """Signed distance (N,) in cm, positive where cloth is turned back."""
        normal = np.array([-np.sin(self.angle), np.cos(self.angle)])
        away = (points - np.array(self.point)) @ normal
        return np.asarray(away * np.sign((np.array(self.beyond) - np.array(self.point)) @ normal))

    def reflect(self, points: Points) -> Points:
        """The points (N, 2) across the line."""
        along = np.array([np.cos(self.angle), np.sin(self.angle)])
        away = points - np.array(self.point)
        return np.asarray(np.array(self.point) + 2 * (away @ along)[:, None] * along - away)


def fold_over(pieces: list[Piece], line: FoldLine, relief: str) -> list[Piece]:
    """The pieces with their part beyond the line turned back; `relief` names the folds that this part takes on."""
    stay: list[Piece] = []
    back: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Panel):
            near, far = _clip(piece.outline, line, -1), _clip(piece.outline, line, 1)
            if len(near) > 2:
                stay.append(dataclasses.replace(piece, outline=near))
            if len(far) > 2:
                name, lift = (relief, 0.45) if piece.relief else ("", piece.lift)
                frame = folded_frame(piece.frame, line)
                back.append(dataclasses.replace(piece, outline=line.reflect(far), frame=frame, relief=name, lift=lift))
        elif isinstance(piece, Seam):
            stay += _seams(piece, line, -1)
            back += [dataclasses.replace(seam, path=line.reflect(seam.path)) for seam in _seams(piece, line, 1)]
        elif isinstance(piece, Decal) and line.side(np.array([piece.centre]))[0] > 0:
            continue
        else:
            stay.append(piece)
    return stay + back


def folded_frame(frame: Frame, line: FoldLine) -> Frame:
    """The frame of cloth turned back across the line."""
    x, y = line.reflect(np.array([frame.origin]))[0]
    along = 2 * line.angle - (frame.turn + np.pi / 2)
    return Frame((float(x), float(y)), float(along - np.pi / 2))


def folded_relief(relief: Relief, line: FoldLine) -> Relief:
    """The field of folds for the part turned back."""
    u0, v0, u1, v1 = relief.extent
    wide = max(abs(u0), abs(u1))
    return Relief(folded_frame(relief.frame, line), (-wide, v0, wide, v1))


def _clip(outline: Points, line: FoldLine, sign: int) -> Points:
    """The part of a closed outline on one side of the line (Sutherland and Hodgman, 1974)."""
    away = line.side(outline) * sign
    kept = []
    for index in range(len(outline)):
        here, there = outline[index - 1], outline[index]
        a, b = away[index - 1], away[index]
        if (a > 0) != (b > 0):
            kept.append(here + (there - here) * (a / (a - b)))
        if b > 0:
            kept.append(there)
    return np.array(kept).reshape(-1, 2)


def _seams(seam: Seam, line: FoldLine, sign: int) -> list[Seam]:
    kept = seam.path[line.side(seam.path) * sign > 0]
    return [dataclasses.replace(seam, path=kept)] if len(kept) > 1 else []
