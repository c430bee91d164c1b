"""Trousers, shorts and skirts laid out.

The waistband takes the collar's place, the hips the chest's, the hems the waist's, the legs (or halves) the sleeves'.
"""

from __future__ import annotations

import numpy as np

from seamline.data.drawing.curves import Points, band, both_sides, bow, join, line, mirror, offset, share_of, spline
from seamline.data.drawing.design import Design, Sleeve
from seamline.data.drawing.palette import shaded
from seamline.data.drawing.pieces import BODY, Decal, Frame, Layout, Panel, Piece, Relief, Seam, Stud
from seamline.data.drawing.shot import Pose
from seamline.data.drawing.trims import box, pocket, stitching


def lay_legs(design: Design, pose: Pose) -> Layout:
    """Lay out trousers or shorts."""
    pieces = _inside(design)
    points = _waistband_points(design)
    reliefs: dict[str, Relief] = {}
    for side, leg in (("left", design.left_sleeve), ("right", design.right_sleeve)):
        outer, inner = _leg_edges(design, leg, pose.spread)
        pieces += _leg(design, leg, side, outer, inner)
        reliefs[f"{side}_sleeve"] = _leg_relief(design, leg, side, outer, inner)
        sign = -1 if side == "left" else 1
        points[f"leg_{side}_outer"] = (sign * float(outer[-1][0]), float(outer[-1][1]))
        points[f"leg_{side}_inner"] = (sign * float(inner[0][0]), float(inner[0][1]))
    points["crotch"] = design.cut.armpit
    pieces += _front(design)
    pieces += _waistband(design)
    return Layout(tuple(pieces), points, reliefs)


def lay_skirt(design: Design, pose: Pose) -> Layout:
    """Lay out a skirt."""
    cut = design.cut
    corner = (cut.hem[0], cut.hem[1] + design.waist.hem_drop)
    side = spline([cut.waist, cut.hip, corner], 14)
    hem = _skirt_hem(design, corner)
    pieces = _inside(design)
    outline = both_sides(join([[0.0, cut.waist[1] + 0.8]], side, hem))  # type: ignore[list-item]
    pieces.append(Panel("chest", outline, design.chest.fabric, BODY, "body", lift=0.4))
    middle = (cut.waist[1] + corner[1]) / 2
    lower = side[np.searchsorted(side[:, 1], middle) :]
    level = bow((0, lower[0][1] + 0.8), lower[0], 0.0)
    pieces.append(Panel("waist", both_sides(join(level, lower, hem)), design.waist.fabric, BODY))
    if design.waist.fabric != design.chest.fabric:
        pieces.append(Seam("waist", join(mirror(level)[::-1], level[1:]), 0.4, shaded(design.waist.fabric.main, 0.7), depth=0.2))
    for name, half in (("left", design.left_sleeve), ("right", design.right_sleeve)):
        pieces += _half_extras(half, name, side)
    pieces += _skirt_finish(design, side, hem)
    pieces += _front(design)
    pieces += _waistband(design)
    points = _waistband_points(design) | {"hem_left": (-corner[0], corner[1]), "hem_right": corner}
    wide = max(corner[0], cut.hip[0]) + 8
    anchors = tuple((float(x), 0.0) for x in np.linspace(-cut.waist[0], cut.waist[0], 4))
    return Layout(tuple(pieces), points, {"body": Relief(BODY, (-wide, -8.0, wide, corner[1] + 12), anchors)})


def _waistband_points(design: Design) -> dict[str, tuple[float, float]]:
    x, y = design.cut.waist[0], -design.collar.band
    return {"waistband_left": (-x, y), "waistband_right": (x, y)}


def _inside(design: Design) -> list[Piece]:
    """The back's inside, seen above the front's waistband."""
    x, tall = design.cut.waist[0], design.collar.band
    top = bow((-x, -tall), (x, -tall), 0.3)
    back = join(top, bow((x, 0.5), (-x, 0.5), 0))
    tag = box(-2.0, -tall + 0.8, 2.0, -tall + 3.2)
    label = design.lining if sum(design.lining.main) > 300 else design.collar.trim
    return [Panel("collar", back, design.lining, tint=0.6, lift=0.15), Panel("collar", tag, label, tint=1.05, lift=0.05)]


def _waistband(design: Design) -> list[Piece]:
    collar, x = design.collar, design.cut.waist[0]
    tall = collar.band
    top = bow((-x, -tall), (x, -tall), collar.depth)
    base = bow((x + 0.4, 0.3), (-x - 0.4, 0.3), -collar.depth)
    pieces: list[Piece] = [Panel("collar", join(top, base), collar.trim, relief="", lift=0.35)]
    stitch = stitching(collar.trim)
    if collar.kind == "loops":
        pieces += [Seam("collar", offset(top, 0.5), 0.15, stitch, dashed=True), Seam("collar", offset(base, 0.4), 0.15, stitch, dashed=True)]
        for share in (-0.72, -0.33, 0.33, 0.72):
            y = collar.depth * (1 - share**2)
            pieces.append(Panel("collar", box(share * x - 0.6, y - tall - 0.4, share * x + 0.6, y + 0.8), collar.trim, lift=0.3))
        pieces.append(Stud("collar", (0.0, collar.depth - tall / 2), 0.85, design.metal, holes=False))
    elif collar.kind == "drawstring":
        for sign, length in ((-1, 11.0), (1, 13.0)):
            y = collar.depth - tall / 2
            path = spline([(sign * 1.2, y), (sign * 2.6, y + length * 0.5), (sign * 1.8, y + length)], 6)
            pieces.append(Seam("collar", path, 0.6, (232, 230, 226) if sum(collar.trim.main) < 420 else (40, 40, 44), depth=-0.25))
    elif collar.kind == "buckle":
        pieces.append(Seam("collar", box(-2.6, collar.depth - tall - 0.2, 2.6, collar.depth + 0.2), 0.7, design.metal, depth=-0.2))
    return pieces


def _leg_edges(design: Design, leg: Sleeve, spread: float) -> tuple[Points, Points]:
    """Outer edge from waist to cuff and inner edge from cuff to crotch of a right leg."""
    cut = design.cut
    length = leg.length + design.waist.hem_drop
    rise = cut.armpit[1]
    reach = length - cut.hip[1]
    least = np.arctan2(0.8 + leg.opening - cut.hip[0], reach)
    angle = max(float(least), np.radians(1.0 + 9.0 * spread))
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
    turn = (lambda points: mirror(points)) if side == "left" else (lambda points: points)
    frame = _leg_frame(design, outer, inner, side)
    middle = line((0, design.cut.armpit[1]), (0, 0.8))
    pieces: list[Piece] = [Panel(region, turn(join(outer, inner, middle)), leg.fabric, frame, region, lift=0.4)]
    if leg.extra == "side":
        pieces.append(Panel(region, turn(band(outer, 2.4)), leg.accent, frame))
    elif leg.extra == "stripes":
        pieces += [Panel(region, turn(band(offset(outer, at), 0.9)), leg.accent, frame) for at in (1.4, 3.0, 4.6)]
    elif leg.extra in ("cargo", "knee", "rips"):
        pieces += _on_leg(leg, side, frame, design.cut.armpit[1])
    size = {"rib": 6.0, "cuff": 4.0, "rolled": 5.0, "contrast": 3.0, "elastic": 3.0}.get(leg.finish)
    if size is not None:
        start = 1 - min(0.4, size / leg.length)
        end = join(share_of(outer, start, 1.0), share_of(inner, 0.0, (1 - start) * 1.35))
        pieces.append(Panel("waist", turn(end), leg.accent, frame, lift=0.25))
    else:
        start = 1 - min(0.4, 2.4 / leg.length)
        path = bow(share_of(outer, start, 1)[0], share_of(inner, 0, (1 - start) * 1.3)[-1], 0)
        pieces.append(Seam("waist", turn(path), 0.2, stitching(leg.fabric), dashed=True))
    if leg.print is not None:
        pieces.append(Decal(region, leg.print, frame.at(-8.0 if side == "right" else 8.0, design.cut.armpit[1] + 4), frame))
    return pieces


def _on_leg(leg: Sleeve, side: str, frame: Frame, rise: float) -> list[Piece]:
    region, sign = f"{side}_sleeve", -1 if side == "right" else 1
    if leg.extra == "cargo":
        laid = pocket(region, frame.at(sign * 9.0, min(leg.length * 0.62, rise + 16)), (11.0, 14.0), leg.accent, "flap")
        return laid
    y = leg.length * 0.55
    if leg.extra == "knee":
        corners = [frame.at(sign * 9.0 + dx, y + dy) for dx, dy in ((-6, -8), (6, -8), (6, 8), (-6, 8))]
        return [Panel(region, np.array(corners), leg.accent, frame, lift=0.2)]
    pieces: list[Piece] = []
    for dx, dy, wide in ((-1.0, -4.0, 5.0), (0.5, 0.0, 6.5), (-0.5, 5.0, 4.0)):
        middle = sign * 9.0 + dx
        tear = [frame.at(middle - wide, y + dy), frame.at(middle, y + dy - 0.9), frame.at(middle + wide, y + dy), frame.at(middle, y + dy + 0.9)]
        pieces.append(Seam(region, np.array([*tear, tear[0]]), 0.6, (214, 216, 220), depth=-0.1))
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


def _front(design: Design) -> list[Piece]:
    """Fly, seams and pockets on the hips."""
    cut, chest = design.cut, design.chest
    stitch = stitching(chest.fabric)
    pieces: list[Piece] = []
    if design.category != "skirt":
        pieces.append(Seam("chest", line((0, 0.8), cut.armpit, 12), 0.3, shaded(chest.fabric.main, 0.7), depth=0.2))
    if design.closure == "zip" and design.category != "skirt":
        fly = spline([(2.6, 0.8), (2.6, cut.armpit[1] * 0.5), (0.3, cut.armpit[1] * 0.72)], 8)
        pieces.append(Seam("chest", fly, 0.2, stitch, dashed=True))
    if design.closure == "buttons":
        end = cut.armpit[1] * 0.7 if design.category != "skirt" else cut.hem[1] - 3
        ys = np.arange(3.0, end, 5.5 if design.category == "skirt" else 3.5)
        pieces += [Stud("chest" if y < cut.hem[1] / 2 else "waist", (0.0, float(y)), 0.7, design.metal) for y in ys]
    if chest.extra == "slant":
        for sign in (-1, 1):
            path = bow((sign * cut.waist[0] * 0.62, 0.6), (sign * (cut.hip[0] * 0.97), min(13.0, cut.hip[1] * 0.75)), -sign * 1.6)
            pieces += [Seam("chest", path, 0.35, shaded(chest.fabric.main, 0.62), depth=0.2)]
            pieces += [Seam("chest", path + np.array([-sign * 0.7, 0.4]), 0.16, stitch, dashed=True, depth=0.0)]
    elif chest.extra in ("patch", "zip", "flap"):
        for sign in (-1, 1):
            size = (12.0, 13.0) if chest.extra != "zip" else (7.0, 2.0)
            pieces += pocket("chest", (sign * cut.hip[0] * 0.55, 10.0), size, chest.accent, chest.extra)
    if chest.print is not None:
        pieces.append(Decal("chest", chest.print, (chest.print.place[0] * cut.hip[0], 4 + chest.print.place[1] * 14)))
    return pieces


def _skirt_hem(design: Design, corner: tuple[float, float]) -> Points:
    x, y = corner
    if design.waist.finish == "wavy":
        share = np.linspace(0, 1, 70)
        wave = np.sin(share * np.pi * 9) * 0.02 * y + 0.09 * x * np.sin(share * np.pi / 2)
        return np.stack([x * (1 - share), y + wave], 1)
    return bow((x, y), (0, y + 0.07 * x), -0.03 * x)


def _skirt_finish(design: Design, side: Points, hem: Points) -> list[Piece]:
    waist = design.waist
    size = {"contrast": 4.0, "lace": 6.0, "dipped": 12.0}.get(waist.finish)
    if size is None:
        path = join(hem, mirror(hem)[::-1][1:])[1:-1] * np.array([0.985, 1.0]) - np.array([0, 2.0])
        return [Seam("waist", path, 0.2, stitching(waist.fabric), dashed=True)]
    end = share_of(side, 1 - min(0.5, size / max(hem[0][1], 1.0)), 1.0)
    top = bow((0, end[0][1] + hem[-1][1] - hem[0][1]), end[0], 0.0)
    return [Panel("waist", both_sides(join(top, end, hem)), waist.accent, lift=0.15)]


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
