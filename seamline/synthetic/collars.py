"""Necklines and collars: the front's edge, what stands above it, and the inside of the back.

All coordinates are cm from the middle of the line between the neck's two ends, y down.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from seamline.synthetic.curves import Points, band, both_sides, bow, join, line, mirror, offset, spline, whole
from seamline.synthetic.design import Collar, Colour, Design, Fabric
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import Panel, Piece, Seam, Stud


@dataclasses.dataclass(frozen=True)
class CollarPieces:
    """Pieces behind and on top of the front, and the landmarks they set: right neck end, the neck's bottom."""

    behind: tuple[Piece, ...]
    front: tuple[Piece, ...]
    neck: tuple[float, float]
    bottom: tuple[float, float]


def front_neckline(collar: Collar) -> Points:
    """Right half of the front's neckline, from the middle (0, depth) up to the neck's end (half, 0)."""
    half, depth = collar.half, collar.depth
    if collar.kind in ("v", "lapel", "wrap", "shirt", "polo", "hood"):
        return bow((0, depth), (half, 0), 0.05 * depth if collar.kind != "hood" else 0.1 * depth)
    if collar.kind == "square":
        return spline(
            [(0, depth), (half * 0.55, depth), (half * 0.86, depth * 0.96), (half * 0.94, depth * 0.5), (half, 0)], 6
        )
    power = {"scoop": 0.85, "boat": 1.3}.get(collar.kind, 1.0)
    angle = np.linspace(0, np.pi / 2, 20)
    return np.stack([half * np.sin(angle) ** power, depth * np.cos(angle) ** 0.9], 1)


def _inside(design: Design, top: Points, tint: float = 0.62) -> list[Piece]:
    """The back's inside below the curve `top`, with a label; hidden by the front where that covers it."""
    collar = design.collar
    edge = front_neckline(collar)
    under = offset(edge, 2.0)
    under[-4:] = edge[-4:]
    bottom = join(under[::-1], mirror(under))
    y = float(top[len(top) // 2][1]) + 1.6
    tag = np.array([[-1.8, y], [1.8, y], [1.8, y + 2.2], [-1.8, y + 2.2]])
    label = Fabric("solid", ((235, 233, 228) if sum(collar.trim.main) < 420 else (40, 40, 44),), weave="satin")
    return [
        Panel("collar", join(top, bottom), design.lining, tint=tint, relief="body"),
        Panel("collar", tag, label, lift=0.05, tint=0.8),
    ]


def _back_curve(half: float, sag: float) -> Points:
    return bow((-half, 0), (half, 0), sag)


def _round(design: Design) -> CollarPieces:
    collar = design.collar
    back = _back_curve(collar.half, min(2.2, 0.25 * collar.depth))
    behind = _inside(design, back)
    front: list[Piece] = []
    edge = whole(front_neckline(collar))
    if collar.band > 0:
        behind.append(Panel("collar", band(back, collar.band * 0.8), collar.trim, lift=0.1, tint=0.8))
        front.append(Panel("collar", band(edge, collar.band), collar.trim, lift=0.2))
        front.append(
            Seam("collar", _shifted(edge, collar.band + 0.3), 0.2, shaded(design.chest.fabric.main, 0.85), depth=0.05)
        )
    else:
        front.append(Seam("collar", _shifted(edge, 1.2), 0.2, shaded(design.chest.fabric.main, 0.85), dashed=True))
    return CollarPieces(tuple(behind), tuple(front), (collar.half, 0.0), (0.0, collar.depth))


def _shifted(edge: Points, distance: float) -> Points:
    strip = band(edge, distance)
    return strip[len(edge) :]


def _placket(design: Design, top: float, length: float, count: int) -> list[Piece]:
    collar = design.collar
    outline = np.array([[-1.5, top - 0.5], [1.5, top - 0.5], [1.5, top + length], [-1.5, top + length]])
    pieces: list[Piece] = [Panel("collar", outline, collar.trim, lift=0.15)]
    ys = np.linspace(top + 1.5, top + length - 2, count)
    pieces += [Stud("collar", (0.0, float(y)), 0.6, design.metal) for y in ys]
    return pieces


def _henley(design: Design) -> CollarPieces:
    base = _round(design)
    placket = _placket(design, design.collar.depth, 11.0, 3)
    return dataclasses.replace(base, front=(*placket, *base.front))


def _keyhole(design: Design) -> CollarPieces:
    base = _round(design)
    top = design.collar.depth + design.collar.band
    drop = both_sides(spline([(0, top), (0.5, top + 0.6), (1.5, top + 4), (0, top + 6.5)], 8))
    hole = Panel("collar", drop, design.lining, tint=0.5)
    return dataclasses.replace(
        base, front=(*base.front, hole, Seam("collar", drop, 0.35, shaded(design.collar.trim.main, 0.9)))
    )


def _shirt(design: Design) -> CollarPieces:
    """A fold-down collar with two points; on polo shirts with a short placket."""
    collar = design.collar
    half, depth, rise = collar.half, collar.depth, 2.6
    behind = _inside(design, bow((-half, -rise), (half, -rise), -0.9), tint=0.7)
    stand = join(bow((-half, -rise), (half, -rise), -0.9), bow((half - 0.6, 1.5), (-half + 0.6, 1.5), -1.2))
    behind.append(Panel("collar", stand, collar.trim, lift=0.15, tint=0.72))
    reach = 5.0 + collar.band
    outer = spline([(half, -rise), (half + 1.3, 0.3), (half * 0.8 + 1.2, depth * 0.55 + 2.0)], 8)
    tip = (half * 0.45 + 1.6, depth + reach * 0.75)
    leaf = join(bow((0.3, depth), (half, -rise), -0.3), outer, line(outer[-1], tip, 6), line(tip, (0.3, depth), 6))
    front: list[Piece] = []
    if collar.kind == "polo":
        front += _placket(design, depth, 13.0, 3)
    stitch = shaded(collar.trim.main, 0.84)
    for turn in (leaf, mirror(leaf)):
        front.append(Panel("collar", turn, collar.trim, lift=0.5))
        edge = np.vstack([turn[-12:], turn[-12:][:1]])[:12] * 0.97 + turn.mean(0) * 0.03
        front.append(Seam("collar", edge, 0.15, stitch, depth=0.04))
    return CollarPieces(tuple(behind), tuple(front), (half, -rise), (0.0, depth))


def _stand(design: Design) -> CollarPieces:
    """A stand-up collar, meeting in front where the front closes."""
    collar = design.collar
    half, depth, rise = collar.half, collar.depth, 3.0 + collar.band
    top = bow((-half * 0.94, -rise), (half * 0.94, -rise), -0.7)
    behind = _inside(design, top, tint=0.6)
    behind.append(Panel("collar", join(top, line((half, 1.0), (-half, 1.0))), collar.trim, tint=0.66, lift=0.1))
    dip = depth - rise * 0.9
    edge = spline([(0, dip), (half * 0.5, dip * 0.55 - rise * 0.35), (half * 0.94, -rise)], 8)
    base = spline([(half + 0.6, 0.6), (half * 0.62, depth * 0.75), (0, depth)], 8)
    front: list[Piece] = [Panel("collar", both_sides(join(edge, base)), collar.trim, lift=0.4)]
    front.append(Seam("collar", whole(base[::-1]), 0.3, shaded(collar.trim.main, 0.75)))
    return CollarPieces(tuple(behind), tuple(front), (half * 0.94, -rise), (0.0, dip))


def _turtleneck(design: Design) -> CollarPieces:
    collar = design.collar
    half, rise = collar.half, 5.0 + collar.band
    top = bow((-half * 0.93, -rise), (half * 0.93, -rise), -0.5)
    inside = join(top, line((half * 0.9, -rise + 3), (-half * 0.9, -rise + 3)))
    behind = [Panel("collar", inside, collar.trim, tint=0.55, lift=0.1)]
    edge = bow((0, -rise + 1.2), (half * 0.93, -rise), -0.3)
    side = spline([(half * 0.93, -rise), (half * 0.97, -rise * 0.5), (half + 0.9, 0.5)], 6)
    base = offset(front_neckline(collar), 1.2)[::-1]
    base[-1] = (0.0, collar.depth + 1.2)
    front: list[Piece] = [Panel("collar", both_sides(join(edge, side, base)), collar.trim, lift=0.4)]
    fold = bow((-half * 0.97, -rise * 0.42), (half * 0.97, -rise * 0.42), 1.0)
    front.append(Seam("collar", fold, 0.6, shaded(collar.trim.main, 0.8), depth=0.2))
    return CollarPieces(tuple(behind), tuple(front), (half * 0.93, -rise), (0.0, -rise + 1.2))


def _hood(design: Design) -> CollarPieces:
    """A hood laid up behind the neck, its mouth open, with drawstrings."""
    collar = design.collar
    half, depth = collar.half, collar.depth
    tall = 22.0 + collar.band
    outer = spline(
        [(0, -tall), (half * 0.9, -tall * 0.92), (half * 1.45, -tall * 0.5), (half * 1.3, -2), (half + 0.3, 1.2)], 8
    )
    mouth = spline(
        [(0, -tall * 0.78), (half * 0.62, -tall * 0.66), (half * 0.92, -tall * 0.34), (half * 0.72, 0.5), (0, depth)], 8
    )
    shell = both_sides(join(outer, line((half, 2.0), (0, depth))))
    behind: list[Piece] = [
        Panel("collar", shell, design.chest.fabric, lift=0.4),
        Panel("collar", both_sides(mouth), design.lining, tint=0.6),
        Panel("collar", both_sides(join(mouth, line((0, depth), (0, depth)))), design.lining, tint=0.55),
    ]
    rim = mouth[8:]
    edges = (band(rim, -2.2), band(mirror(rim), 2.2))
    front: list[Piece] = [Panel("collar", edge, collar.trim, lift=0.35) for edge in edges]
    cord: Colour = shaded(collar.trim.main, 0.7) if sum(collar.trim.main) > 380 else (226, 224, 220)
    for sign, length in ((1, 15.0), (-1, 13.5)):
        path = spline([(sign * 2.6, depth - 1), (sign * 3.6, depth + length * 0.5), (sign * 3.0, depth + length)], 6)
        front.append(Seam("collar", path, 0.55, cord, depth=-0.25))
    return CollarPieces(tuple(behind), tuple(front), (half, 0.0), (0.0, depth))


def _lapel(design: Design) -> CollarPieces:
    """A tailored collar: two lapels with notches, the back collar behind."""
    collar = design.collar
    half, depth, rise = collar.half, collar.depth, 3.0
    top = bow((-half, -rise), (half, -rise), -0.8)
    behind = _inside(design, bow((-half, 0), (half, 0), 1.0), tint=0.6)
    behind.append(Panel("collar", join(top, line((half, 2), (-half, 2))), collar.trim, lift=0.2, tint=0.9))
    wide = 6.0 + collar.band
    notch = depth * 0.36
    corners = [(half + 1.6, 1.0), (half + 2.6, notch * 0.75), (half + 0.4, notch * 0.95)]
    corners += [(half + wide * 0.55, notch * 1.02), (half * 0.8 + wide * 0.45, notch * 1.35)]
    lower = bow((half * 0.8 + wide * 0.4, notch * 1.4), (0, depth), -0.6)
    leaf = join(bow((0, depth), (half, -rise), 0.04 * depth), np.array(corners), lower)
    front = tuple(Panel("collar", side, collar.trim, lift=0.5) for side in (mirror(leaf), leaf))
    return CollarPieces(tuple(behind), front, (half, -rise), (0.0, depth))


_BUILDERS: dict[str, Callable[[Design], CollarPieces]] = {
    "shirt": _shirt, "polo": _shirt, "stand": _stand, "turtleneck": _turtleneck, "hood": _hood, "lapel": _lapel,
    "henley": _henley, "keyhole": _keyhole,
}  # fmt: skip


def collar_pieces(design: Design) -> CollarPieces:
    """The pieces of the design's collar; a kind without a builder of its own is a round neckline."""
    return _BUILDERS.get(design.collar.kind, _round)(design)
