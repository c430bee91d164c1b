"""Trousers and shorts laid out.

The waistband takes the collar's place, the hips the chest's, the hems the waist's, the legs the sleeves'.
"""

from __future__ import annotations

import numpy as np

from seamline.synthetic.curves import Points, band, bow, join, line, offset, on_side, share_of, spline
from seamline.synthetic.design import Design, Sleeve
from seamline.synthetic.pieces import Decal, Frame, Layout, Panel, Piece, Relief, Seam
from seamline.synthetic.scene import Pose
from seamline.synthetic.trims import pocket, stitching
from seamline.synthetic.waistbands import inside_of_back, lay_front, lay_waistband, waistband_points


def lay_legs(design: Design, pose: Pose) -> Layout:
    """Lay out trousers or shorts."""
    pieces = inside_of_back(design)
    points = waistband_points(design)
    reliefs: dict[str, Relief] = {}
    for side, leg in (("left", design.left_sleeve), ("right", design.right_sleeve)):
        outer, inner = _leg_edges(design, leg, pose.spread)
        pieces += _leg(design, leg, side, outer, inner)
        reliefs[f"{side}_sleeve"] = _leg_relief(design, leg, side, outer, inner)
        sign = -1 if side == "left" else 1
        points[f"leg_{side}_outer"] = (sign * float(outer[-1][0]), float(outer[-1][1]))
        points[f"leg_{side}_inner"] = (sign * float(inner[0][0]), float(inner[0][1]))
    points["crotch"] = design.cut.armpit
    pieces += lay_front(design)
    pieces += lay_waistband(design)
    return Layout(tuple(pieces), points, reliefs)


def _leg_edges(design: Design, leg: Sleeve, spread: float) -> tuple[Points, Points]:
    """Outer edge from waist to cuff and inner edge from cuff to crotch of a right leg."""
    cut = design.cut
    length = leg.length + design.waist.hem_drop
    rise = cut.armpit[1]
    reach = length - cut.hip[1]
    least = np.arctan2(0.8 + leg.opening - cut.hip[0], reach)
    angle = max(float(least), np.radians((1.0 if reach > 45 else 5.0) + 9.0 * spread))
    heading = np.array([np.sin(angle), np.cos(angle)])
    foot = np.array(cut.hip) + heading * reach
    inner_foot = foot - np.array([heading[1], -heading[0]]) * leg.opening
    thigh = cut.hip[0]
    knee = (0.5 if leg.kind != "flared" else 0.36) * thigh + 0.5 * leg.opening
    half = 0.52
    knee_outer = np.array(cut.hip) + heading * reach * half + np.array([0.25, 0])
    knee_inner = knee_outer - np.array([heading[1], -heading[0]]) * min(knee, knee_outer[0] - 0.5)
    outer = spline([cut.waist, cut.hip, knee_outer, foot], 10)
    knots = [inner_foot, knee_inner, (0.0, rise)] if reach > 45 else [inner_foot, (0.0, rise)]
    return outer, spline(knots, 12)


def _leg(design: Design, leg: Sleeve, side: str, outer: Points, inner: Points) -> list[Piece]:
    region = f"{side}_sleeve"
    frame = _leg_frame(design, outer, inner, side)
    middle = line((0, design.cut.armpit[1]), (0, 0.8))
    pieces: list[Piece] = [
        Panel(region, on_side(join(outer, inner, middle), side), leg.fabric, frame, region, lift=0.4)
    ]
    hips = outer[: int(np.searchsorted(outer[:, 1], 0.85 * design.cut.armpit[1]))]
    upper = join(hips, bow(hips[-1], (0, hips[-1][1] + 1.0), 0.0), line((0, hips[-1][1]), (0, 0.8)))
    pieces.append(Panel("chest", on_side(upper, side), design.chest.fabric, frame))
    if leg.extra == "side":
        pieces.append(Panel(region, on_side(band(outer, 2.4), side), leg.accent, frame))
    elif leg.extra == "stripes":
        pieces += [
            Panel(region, on_side(band(offset(outer, at), 0.9), side), leg.accent, frame) for at in (1.4, 3.0, 4.6)
        ]
    elif leg.extra in ("cargo", "knee", "rips"):
        pieces += _on_leg(leg, side, frame, design.cut.armpit[1])
    waist = design.waist
    size = {"rib": 6.0, "cuff": 4.0, "rolled": 5.0, "contrast": 3.0, "elastic": 3.0}.get(waist.finish)
    if size is not None:
        start = 1 - min(0.4, size / leg.length)
        end = join(share_of(outer, start, 1.0), share_of(inner, 0.0, (1 - start) * 1.35))
        pieces.append(Panel("waist", on_side(end, side), waist.accent, frame, lift=0.25))
    else:
        start = 1 - min(0.4, 2.4 / leg.length)
        path = bow(share_of(outer, start, 1)[0], share_of(inner, 0, (1 - start) * 1.3)[-1], 0)
        pieces.append(Seam("waist", on_side(path, side), 0.2, stitching(leg.fabric), dashed=True))
    if leg.print is not None:
        pieces.append(
            Decal(region, leg.print, frame.at(-8.0 if side == "right" else 8.0, design.cut.armpit[1] + 4), frame)
        )
    return pieces


def _on_leg(leg: Sleeve, side: str, frame: Frame, rise: float) -> list[Piece]:
    region, sign = f"{side}_sleeve", -1 if side == "right" else 1
    if leg.extra == "cargo":
        return pocket(region, frame.at(sign * 9.0, min(leg.length * 0.62, rise + 16)), (11.0, 14.0), leg.accent, "flap")
    y = leg.length * 0.55
    if leg.extra == "knee":
        corners = [frame.at(sign * 9.0 + dx, y + dy) for dx, dy in ((-6, -8), (6, -8), (6, 8), (-6, 8))]
        return [Panel(region, np.array(corners), leg.accent, frame, lift=0.2)]
    pieces: list[Piece] = []
    for dx, dy, wide in ((-1.0, -4.0, 5.0), (0.5, 0.0, 6.5), (-0.5, 5.0, 4.0)):
        middle = sign * 9.0 + dx
        around = ((-wide, 0.0), (0.0, -0.9), (wide, 0.0), (0.0, 0.9), (-wide, 0.0))
        tear = [frame.at(middle + across, y + dy + along) for across, along in around]
        pieces.append(Seam(region, np.array(tear), 0.6, (214, 216, 220), depth=-0.1))
    return pieces


def _leg_frame(design: Design, outer: Points, inner: Points, side: str) -> Frame:
    foot = (outer[-1] + inner[0]) / 2
    hip = np.array([design.cut.hip[0] / 2, design.cut.hip[1]])
    turn = float(np.arctan2(-(foot - hip)[0], (foot - hip)[1]))
    x = design.cut.hip[0]
    return Frame((x, 0.0), turn) if side == "right" else Frame((-x, 0.0), -turn)


def _leg_relief(design: Design, leg: Sleeve, side: str, outer: Points, inner: Points) -> Relief:
    frame = _leg_frame(design, outer, inner, side)
    wide = design.cut.hip[0] + 14
    sign = -1 if side == "right" else 1
    crotch = (sign * design.cut.hip[0], design.cut.armpit[1])
    knee = (sign * 8.0, leg.length * 0.55)
    extent = (-wide - 6, -12.0, wide + 6, leg.length + design.waist.hem_drop + 14)
    anchors = (crotch, crotch, knee) if leg.length > 60 else (crotch, crotch)
    return Relief(frame, extent, anchors)
