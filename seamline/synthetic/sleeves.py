"""Sleeves: their outline for a given hang of the arm, cuffs and trims. Built on the right, mirrored to the left."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.synthetic.curves import Points, band, bow, join, line, offset, on_side, share_of, spline
from seamline.synthetic.design import Cut, Design, Sleeve
from seamline.synthetic.folding import FoldLine, fold_over, folded_relief
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import Decal, Frame, Panel, Piece, Relief, Seam
from seamline.synthetic.scene import Pose

_SHORT = 36.0
"""Sleeves below this length in cm have no elbow."""

_BANDS = {"band": ((0.42, 0.6),), "bands": ((0.5, 0.57), (0.62, 0.69), (0.74, 0.81)), "lower": ((0.45, 1.0),)}


@dataclasses.dataclass(frozen=True)
class SleeveShape:
    """A right sleeve's edges: shoulder to cuff, cuff to armpit, and along the armhole from shoulder to armpit."""

    outer: Points
    inner: Points
    armhole: Points
    frame: Frame

    @property
    def outline(self) -> Points:
        return join(self.outer, self.inner, self.armhole[::-1])

    @property
    def cuff_outer(self) -> Points:
        return np.asarray(self.outer[-1])

    @property
    def cuff_inner(self) -> Points:
        return np.asarray(self.inner[0])

    def slice(self, start: float, end: float) -> Points:
        """Closed outline between two shares of its length, 0 at the shoulder."""
        return join(share_of(self.outer, start, end), share_of(self.inner, 1 - end, 1 - start))


def armhole(cut: Cut, inward: float = 0.07) -> Points:
    """Curve from the right shoulder to the armpit; `inward`: its sag as a share of its height."""
    return bow(cut.shoulder, cut.armpit, inward * (cut.armpit[1] - cut.shoulder[1]), 14)


def raglan(cut: Cut, neck: float) -> Points:
    """Curve from the right shoulder to the neck and on to the armpit; `neck`: half the neck's width."""
    start = (neck * 0.98, 0.3)
    return join(line(cut.shoulder, start), bow(start, cut.armpit, 1.5, 14))


def _heading(angle: float) -> Points:
    return np.array([np.cos(angle), np.sin(angle)])


def shape_sleeve(cut: Cut, sleeve: Sleeve, neck: float, arm: float, bend: float) -> SleeveShape:
    """Edges of a right sleeve; `arm` 0 = out, 1 = down; `bend` of the elbow, -0.3 to 1; `neck`: half its width."""
    shoulder, armpit = np.array(cut.shoulder), np.array(cut.armpit)
    short = sleeve.length < _SHORT
    low, high = (28.0, 60.0) if short else (22.0, 80.0)
    angle = np.radians(low + (high - low) * arm)
    upper = _heading(angle)
    lower = _heading(angle + (0.0 if short else np.radians(28) * bend))
    elbow = shoulder + upper * sleeve.length * 0.5
    cuff_outer = elbow + lower * sleeve.length * 0.5
    inward = np.array([-lower[1], lower[0]])
    cuff_inner = cuff_outer + inward * sleeve.opening
    reach = 0.05 * sleeve.length + 1.0 if short else -5.0
    cuff_inner[0] = max(cuff_inner[0], armpit[0] + reach)
    if short:
        cuff_inner[1] = max(cuff_inner[1], armpit[1] + 0.5 - 0.1 * sleeve.length)
    outward = np.array([upper[1], -upper[0]])
    full = {"puff": 3.2, "drop": -0.6}.get(sleeve.kind, 0.9)
    cap = shoulder + upper * sleeve.length * 0.22 + outward * full
    knots = [shoulder, cap, elbow + outward * (0.4 if sleeve.kind != "puff" else 2.6), cuff_outer]
    middle = armpit + (cuff_inner - armpit) * 0.5
    sag = (0.6 if short else 1.2) - (2.5 if sleeve.kind == "bell" else 0)
    if not short:
        width = 0.55 * float(np.hypot(*(shoulder - armpit))) + 0.45 * sleeve.opening
        wanted = elbow + np.array([-upper[1] - lower[1], upper[0] + lower[0]]) / 2 * width
        middle = 0.5 * middle + 0.5 * wanted
    inner = spline([cuff_inner, middle, armpit], 12) if not short else bow(cuff_inner, armpit, sag)
    centre = (cuff_outer + cuff_inner) / 2 - (shoulder + armpit) / 2
    turn = float(np.arctan2(-centre[0], centre[1]))
    return SleeveShape(
        spline(knots, 8),
        inner,
        raglan(cut, neck) if sleeve.kind == "raglan" else armhole(cut),
        Frame((cut.shoulder[0], cut.shoulder[1]), turn),
    )


@dataclasses.dataclass(frozen=True)
class LaidSleeve:
    """One sleeve on the ground: its pieces, fields of folds by name and the two ends of its cuff."""

    pieces: tuple[Piece, ...]
    reliefs: dict[str, Relief]
    cuff_outer: tuple[float, float]
    cuff_inner: tuple[float, float]


def lay_sleeve(design: Design, side: str, pose: Pose) -> LaidSleeve:
    """Lay out one sleeve (`side`: left or right)."""
    cut, index = design.cut, ("left", "right").index(side)
    sleeve = design.left_sleeve if side == "left" else design.right_sleeve
    folded = pose.folded[index] and sleeve.length >= _SHORT
    arm, bend = (max(pose.arms[index], 0.55), 0.0) if folded else (pose.arms[index], pose.bends[index])
    shape = shape_sleeve(cut, sleeve, design.collar.half, arm, bend)
    region = f"{side}_sleeve"
    frame = _frame(shape.frame, side)
    pieces: list[Piece] = [Panel(region, on_side(shape.outline, side), sleeve.fabric, frame, region, lift=0.3)]
    pieces += _extras(shape, sleeve, side, frame)
    pieces += _finish(shape, sleeve, side, frame)
    reliefs = {region: _relief(cut, sleeve, side, frame)}
    cuffs = on_side(np.stack([shape.cuff_outer, shape.cuff_inner]), side)
    if folded:
        line = _elbow_line(shape, side, pose.bends[index])
        pieces = fold_over(pieces, line, f"{side}_forearm")
        reliefs[f"{side}_forearm"] = folded_relief(reliefs[region], line)
        cuffs = line.reflect(cuffs)
    outer, inner = ((float(x), float(y)) for x, y in cuffs)
    return LaidSleeve(tuple(pieces), reliefs, outer, inner)


def _elbow_line(shape: SleeveShape, side: str, bend: float) -> FoldLine:
    """The line across the elbow along which the forearm is turned back over the front."""
    elbow = share_of(shape.outer, 0.52, 1.0)[0]
    heading = np.arctan2(*(shape.cuff_outer - elbow)[::-1])
    aim = np.radians(185 + 30 * np.clip(bend, -0.5, 1.0))
    ends = on_side(np.stack([elbow, shape.cuff_outer]), side)
    angle = float(heading + aim) / 2
    point, beyond = ((float(x), float(y)) for x, y in ends)
    return FoldLine(point, angle if side == "right" else np.pi - angle, beyond)


def _relief(cut: Cut, sleeve: Sleeve, side: str, frame: Frame) -> Relief:
    wide = float(np.hypot(cut.shoulder[0] - cut.armpit[0], cut.shoulder[1] - cut.armpit[1])) + 4
    sign = -1 if side == "right" else 1
    elbow = (sign * wide * 0.3, sleeve.length * 0.5)
    left, right = (-wide - 4, 10.0) if side == "right" else (-10.0, wide + 4)
    extent = (left, -6.0, right, sleeve.length + 14)
    return Relief(frame, extent, ((0.0, 4.0), elbow, elbow) if sleeve.length >= _SHORT else ((0.0, 4.0),))


def _frame(frame: Frame, side: str) -> Frame:
    if side == "right":
        return frame
    return Frame((-frame.origin[0], frame.origin[1]), -frame.turn)


def _finish(shape: SleeveShape, sleeve: Sleeve, side: str, frame: Frame) -> list[Piece]:
    region = f"{side}_sleeve"
    size = {"rib": 6.0, "cuff": 6.0, "contrast": 2.5, "rolled": 4.0, "elastic": 2.5, "lace": 3.0, "narrow_rib": 2.2}
    if sleeve.finish not in size:
        return [_stitch(shape, sleeve, side, 2.2)] if sleeve.finish == "hem" else []
    start = 1 - min(0.4, size[sleeve.finish] / sleeve.length)
    cuff = on_side(shape.slice(start, 1.0), side)
    pieces: list[Piece] = [Panel(region, cuff, sleeve.accent, frame, lift=0.25)]
    if sleeve.finish in ("cuff", "rolled"):
        pieces.append(_stitch(shape, sleeve, side, size[sleeve.finish] - 0.7))
    return pieces


def _stitch(shape: SleeveShape, sleeve: Sleeve, side: str, distance: float) -> Seam:
    share = 1 - min(0.5, distance / sleeve.length)
    outer, inner = share_of(shape.outer, share, 1.0)[0], share_of(shape.inner, 0.0, 1 - share)[-1]
    path = on_side(bow(outer, inner, 0.0), side)
    return Seam(f"{side}_sleeve", path, 0.22, shaded(sleeve.fabric.main, 0.82), dashed=True)


def _extras(shape: SleeveShape, sleeve: Sleeve, side: str, frame: Frame) -> list[Piece]:
    region = f"{side}_sleeve"
    outlines: list[Points] = []
    if sleeve.extra == "stripes":
        edge = share_of(shape.outer, 0.02, 1.0)
        outlines = [band(offset(edge, at), 1.0) for at in (1.6, 3.4, 5.2)]
    elif sleeve.extra == "side":
        outlines = [band(share_of(shape.outer, 0.0, 1.0), 3.2)]
    elif sleeve.extra in _BANDS:
        outlines = [shape.slice(start, end) for start, end in _BANDS[sleeve.extra]]
    pieces: list[Piece] = [Panel(region, on_side(outline, side), sleeve.accent, frame) for outline in outlines]
    if sleeve.print is not None:
        middle = (share_of(shape.outer, 0.3, 0.6)[0] + share_of(shape.inner, 0.4, 0.7)[-1]) / 2
        x, y = on_side(middle[None], side)[0]
        pieces.append(Decal(region, sleeve.print, (float(x), float(y)), frame))
    return pieces
