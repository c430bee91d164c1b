"""The upper part of slings: a bodice on straps."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.collars import CollarPieces
from seamline.synthetic.curves import Points, bow, join, line, spline, whole
from seamline.synthetic.design import BODICE_TOP, Design
from seamline.synthetic.pieces import Panel, Piece, Seam


def strap_foot(design: Design) -> tuple[float, float]:
    """Where the right strap's outer edge meets the bodice."""
    return design.collar.half + _strap_width(design), _bodice_top(design)


def _strap_width(design: Design) -> float:
    return design.right_sleeve.opening


def _bodice_top(design: Design) -> float:
    return design.cut.armpit[1] * BODICE_TOP


def bodice_edge(design: Design) -> Points:
    """Right half of a bodice's upper edge, from the middle to the strap's foot."""
    collar, top = design.collar, _bodice_top(design)
    foot = strap_foot(design)
    middle = (0.0, top + collar.depth)
    if collar.kind == "sweetheart":
        return spline([middle, (collar.half * 0.45, top + collar.depth * 0.3), (collar.half, top), foot], 8)
    if collar.kind == "v":
        return join(line(middle, (collar.half, top)), np.array([foot]))
    if collar.kind == "cowl":
        return spline([middle, (collar.half * 0.6, top + collar.depth * 0.75), (collar.half, top), foot], 8)
    return spline([middle, (collar.half * 0.7, top + collar.depth * 0.92), (collar.half, top), foot], 8)


def bodice_pieces(design: Design) -> CollarPieces:
    edge, collar = bodice_edge(design), design.collar
    top = _bodice_top(design)
    x, y = design.cut.armpit
    back = join(bow((-x * 0.92, y), (x * 0.92, y), -(y - top) * 0.75, 20), [[0, y + 6]])
    behind: list[Piece] = [Panel("collar", back, design.lining, tint=0.65, relief="body", lift=0.1)]
    for sign in (-1, 1):
        foot = np.array(strap_foot(design)) * (sign, 1)
        peak = np.array(design.cut.shoulder) * (sign, 1)
        rear = np.array([(foot[0] - sign * _strap_width(design)) * 0.93, top + 3.0])
        behind.append(_strip("collar", rear, peak, _strap_width(design), design, sign, tint=0.75))
    front: list[Piece] = [
        Seam("collar", whole(edge) + np.array([0, 0.5]), 0.9 if collar.band else 0.3, collar.trim.main, depth=-0.12)
    ]
    return CollarPieces(tuple(behind), tuple(front), (collar.half, top), (0.0, top + collar.depth))


def _strip(
    region: str, start: Points, end: Points, width: float, design: Design, sign: int, tint: float = 1.0
) -> Panel:
    out = np.array([sign * width, 0.0])
    fabric = (design.left_sleeve if sign < 0 else design.right_sleeve).accent
    return Panel(region, np.vstack([start, end - out, end, start + out]), fabric, lift=0.15, tint=tint)


def lay_straps(design: Design) -> list[Piece]:
    pieces: list[Piece] = []
    for sign, side in ((-1, "left"), (1, "right")):
        foot = np.array([design.collar.half * sign, _bodice_top(design) + 0.8])
        peak = np.array(design.cut.shoulder) * (sign, 1)
        pieces.append(_strip(f"{side}_sleeve", foot, peak, _strap_width(design), design, sign))
    return pieces
