"""Waistbands, and what is sewn on the front below them."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.curves import bow, join, line, offset, spline
from seamline.synthetic.design import Colour, Design
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import Decal, Panel, Piece, Seam, Stud
from seamline.synthetic.trims import box, pocket, stitching


def waistband_points(design: Design) -> dict[str, tuple[float, float]]:
    x, y = design.cut.waist[0], -design.collar.band
    return {"waistband_left": (-x, y), "waistband_right": (x, y)}


def inside_of_back(design: Design) -> list[Piece]:
    """The back's inside, seen above the front's waistband."""
    x, tall = design.cut.waist[0], design.collar.band
    top = bow((-x, -tall), (x, -tall), 0.3)
    back = join(top, bow((x, 0.5), (-x, 0.5), 0))
    tag = box(-2.0, -tall + 0.8, 2.0, -tall + 3.2)
    label = design.lining if sum(design.lining.main) > 300 else design.collar.trim
    return [
        Panel("collar", back, design.lining, tint=0.6, lift=0.15),
        Panel("collar", tag, label, tint=1.05, lift=0.05),
    ]


def lay_waistband(design: Design) -> list[Piece]:
    """The front's waistband and what closes it."""
    collar, x = design.collar, design.cut.waist[0]
    top = bow((-x, -collar.band), (x, -collar.band), collar.depth)
    base = bow((x + 0.4, 0.3), (-x - 0.4, 0.3), -collar.depth)
    pieces: list[Piece] = [Panel("collar", join(top, base), collar.trim, lift=0.35)]
    if collar.kind == "loops":
        stitch = stitching(collar.trim)
        pieces += [Seam("collar", edge, 0.15, stitch, dashed=True) for edge in (offset(top, 0.5), offset(base, 0.4))]
        pieces += _loops(design)
    elif collar.kind == "drawstring":
        pieces += _drawstring(design)
    elif collar.kind == "buckle":
        frame = box(-2.6, collar.depth - collar.band - 0.2, 2.6, collar.depth + 0.2)
        pieces.append(Seam("collar", frame, 0.7, design.metal, depth=-0.2))
    return pieces


def _loops(design: Design) -> list[Piece]:
    """Four belt loops and a button."""
    collar, x = design.collar, design.cut.waist[0]
    pieces: list[Piece] = []
    for share in (-0.72, -0.33, 0.33, 0.72):
        y = collar.depth * (1 - share**2)
        loop = box(share * x - 0.6, y - collar.band - 0.4, share * x + 0.6, y + 0.8)
        pieces.append(Panel("collar", loop, collar.trim, lift=0.3))
    return [*pieces, Stud("collar", (0.0, collar.depth - collar.band / 2), 0.85, design.metal, holes=False)]


def _drawstring(design: Design) -> list[Piece]:
    collar = design.collar
    cord: Colour = (232, 230, 226) if sum(collar.trim.main) < 420 else (40, 40, 44)
    y = collar.depth - collar.band / 2
    ends = ((-1, 11.0), (1, 13.0))
    paths = [spline([(s * 1.2, y), (s * 2.6, y + long * 0.5), (s * 1.8, y + long)], 6) for s, long in ends]
    return [Seam("collar", path, 0.6, cord, depth=-0.25) for path in paths]


def lay_front(design: Design) -> list[Piece]:
    """Fly, seams and pockets on the hips."""
    cut, chest = design.cut, design.chest
    stitch = stitching(chest.fabric)
    pieces: list[Piece] = []
    if design.category != "skirt":
        pieces.append(Seam("chest", line((0, 0.8), cut.armpit, 12), 0.3, shaded(chest.fabric.main, 0.75), depth=0.08))
    if design.closure == "zip" and design.category != "skirt":
        fly = spline([(2.6, 0.8), (2.6, cut.armpit[1] * 0.5), (0.3, cut.armpit[1] * 0.72)], 8)
        pieces.append(Seam("chest", fly, 0.2, stitch, dashed=True))
    if design.closure == "buttons":
        end = cut.armpit[1] * 0.7 if design.category != "skirt" else cut.hem[1] - 3
        ys = np.arange(3.0, end, 5.5 if design.category == "skirt" else 3.5)
        pieces += [Stud("chest" if y < cut.hem[1] / 2 else "waist", (0.0, float(y)), 0.7, design.metal) for y in ys]
    if chest.extra == "slant":
        for sign in (-1, 1):
            low = (sign * (cut.hip[0] * 0.97), min(13.0, cut.hip[1] * 0.75))
            path = bow((sign * cut.waist[0] * 0.62, 0.6), low, -sign * 1.6)
            pieces += [Seam("chest", path, 0.3, shaded(chest.fabric.main, 0.68), depth=0.06)]
            pieces += [Seam("chest", path + np.array([-sign * 0.7, 0.4]), 0.16, stitch, dashed=True, depth=0.0)]
    elif chest.extra in ("patch", "zip", "flap"):
        for sign in (-1, 1):
            size = (12.0, 13.0) if chest.extra != "zip" else (7.0, 2.0)
            pieces += pocket("chest", (sign * cut.hip[0] * 0.55, 10.0), size, chest.accent, chest.extra)
    if chest.print is not None:
        pieces.append(Decal("chest", chest.print, (chest.print.place[0] * cut.hip[0], 4 + chest.print.place[1] * 14)))
    return pieces
