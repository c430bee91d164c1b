"""Skirts laid out.

The waistband takes the collar's place, the hips the chest's, the lower half the waist's, the sides the sleeves'.
"""

from __future__ import annotations

import numpy as np

from seamline.synthetic.curves import Points, band, both_sides, bow, join, offset, spline, whole
from seamline.synthetic.design import Design, Sleeve
from seamline.synthetic.folds import flounce_phase
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import BODY, Flounce, Layout, Panel, Piece, Relief, Seam
from seamline.synthetic.scene import Pose
from seamline.synthetic.trims import hem_band, hem_stitches, pocket
from seamline.synthetic.waistbands import inside_of_back, lay_front, lay_waistband, waistband_points


def lay_skirt(design: Design, pose: Pose) -> Layout:
    """Lay out a skirt."""
    cut = design.cut
    corner = (cut.hem[0], cut.hem[1] + design.waist.hem_drop)
    side = spline([cut.waist, cut.hip, corner], 14)
    hem = _skirt_hem(design, corner)
    pieces = inside_of_back(design)
    outline = both_sides(join([[0.0, cut.waist[1] + 0.8]], side, hem))
    pieces.append(Panel("chest", outline, design.chest.fabric, BODY, "body", lift=0.4))
    middle = (cut.waist[1] + corner[1]) / 2
    lower = side[np.searchsorted(side[:, 1], middle) :]
    level = bow((0, lower[0][1] + 0.8), lower[0], 0.0)
    pieces.append(Panel("waist", both_sides(join(level, lower, hem)), design.waist.fabric, BODY))
    if design.waist.fabric != design.chest.fabric:
        pieces.append(Seam("waist", whole(level), 0.4, shaded(design.waist.fabric.main, 0.7), depth=0.2))
    for name, half in (("left", design.left_sleeve), ("right", design.right_sleeve)):
        pieces += _half_extras(half, name, side)
    pieces += _skirt_finish(design, side, hem)
    pieces += lay_front(design)
    pieces += lay_waistband(design)
    points = waistband_points(design) | {"hem_left": (-corner[0], corner[1]), "hem_right": corner}
    wide = max(corner[0], cut.hip[0]) + 8
    anchors = tuple((float(x), 0.0) for x in np.linspace(-cut.waist[0], cut.waist[0], 4))
    flounce = _flounce(design) if design.waist.finish == "wavy" else None
    relief = Relief(BODY, (-wide, -8.0, wide, corner[1] + 12), anchors, flounce)
    return Layout(tuple(pieces), points, {"body": relief})


def _skirt_hem(design: Design, corner: tuple[float, float]) -> Points:
    x, y = corner
    if design.waist.finish == "wavy":
        share = np.linspace(0, 1, 70)
        wave = np.sin(flounce_phase(_flounce(design), share)) * 0.012 * y + 0.09 * x * np.sin(share * np.pi / 2)
        return np.stack([x * (1 - share), y + wave], 1)
    return bow((x, y), (0, y + 0.07 * x), -0.03 * x)


def _flounce(design: Design) -> Flounce:
    cut = design.cut
    return Flounce(6.0 + 1.2 * cut.hem[0] / cut.waist[0], (0.0, cut.waist[0]), (cut.hem[1], cut.hem[0]))


def _skirt_finish(design: Design, side: Points, hem: Points) -> list[Piece]:
    waist = design.waist
    size = {"contrast": 4.0, "lace": 6.0, "dipped": 12.0}.get(waist.finish)
    if size is None:
        return [hem_stitches(hem, 2.0, 0.2, waist.fabric)]
    outline = hem_band(side, hem, min(0.5, size / max(hem[0][1], 1.0)))
    return [Panel("waist", outline, waist.accent, lift=0.15)]


def _half_extras(half: Sleeve, side: str, edge: Points) -> list[Piece]:
    region, sign = f"{side}_sleeve", -1 if side == "left" else 1
    flip = np.array([sign, 1.0])
    if half.extra == "side":
        return [Panel(region, band(edge, 2.6) * flip, half.accent)]
    if half.extra == "stripes":
        return [Panel(region, band(offset(edge, at), 0.9) * flip, half.accent) for at in (1.6, 3.4)]
    if half.extra == "slit":
        x = edge[-1][0] * 0.45
        tall = 0.3 * edge[-1][1]
        tear = np.array([[x, edge[-1][1] - tall], [x + 1.6, edge[-1][1] + 3], [x - 1.2, edge[-1][1] + 3]])
        return [Panel(region, tear * flip, half.accent, tint=0.3)]
    if half.extra == "cargo":
        return pocket(region, (sign * edge[-1][0] * 0.5, edge[-1][1] * 0.62), (11.0, 12.0), half.accent, "flap")
    return []
