"""Tops, outwear and dresses laid out: body, sleeves, collar, closure, trims."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.bodice import bodice_edge, bodice_pieces, lay_straps, strap_foot
from seamline.synthetic.collars import CollarPieces, collar_pieces, front_neckline
from seamline.synthetic.curves import Points, both_sides, bow, join, line, mirror, spline, whole
from seamline.synthetic.design import PRINT_TOP, Cut, Design, Waist
from seamline.synthetic.folds import flounce_phase
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import BODY, Decal, Flounce, Layout, Panel, Piece, Relief, Seam
from seamline.synthetic.scene import Pose
from seamline.synthetic.sleeves import LaidSleeve, armhole, lay_sleeve, raglan
from seamline.synthetic.trims import belt, closure, hem_band, hem_stitches, pocket, stitching

_SIDES = ("left", "right")


def lay_torso(design: Design, pose: Pose) -> Layout:
    """Lay out a garment that has a neck."""
    cut, sling = design.cut, design.category.startswith("sling")
    collar = bodice_pieces(design) if sling else collar_pieces(design)
    pieces: list[Piece] = list(collar.behind)
    sides: dict[str, LaidSleeve] = {}
    reliefs = _body_reliefs(design)
    sleeves: list[Piece] = []
    if design.left_sleeve.kind != "none":
        for side in _SIDES:
            laid = lay_sleeve(design, side, pose)
            sleeves += laid.pieces
            sides[side] = laid
            reliefs |= laid.reliefs
    pieces += _body(design, collar, sling)
    pieces += _below(design)
    opening = 0.35 * pose.opening * cut.waist[0] if design.closure != "none" else 0.0
    pieces += closure(design, max(collar.bottom[1], 1.0), (cut.waist[1], cut.hem[1], _hem_y(design)), opening)
    pieces += _chest(design)
    pieces += sleeves
    pieces += [Seam("chest", side, 0.22, shaded(design.chest.fabric.main, 0.82)) for side in _armholes(design)]
    pieces += lay_straps(design) if sling else _edges(design)
    pieces += collar.front
    return Layout(tuple(pieces), _landmarks(design, collar, sides), reliefs)


def _hem_y(design: Design) -> float:
    return design.cut.hem[1] + design.waist.hem_drop


def _hem_corner(design: Design) -> tuple[float, float]:
    cut = design.cut
    grown = (cut.hem[0] - cut.hip[0]) / max(cut.hem[1] - cut.hip[1], 1.0) * design.waist.hem_drop
    return cut.hem[0] + grown, _hem_y(design)


def _side(design: Design) -> Points:
    cut = design.cut
    return spline([cut.armpit, cut.waist, cut.hip, _hem_corner(design)], 12)


def _hem(design: Design) -> Points:
    """Right half of the hem, from its corner to the middle."""
    x, y = _hem_corner(design)
    finish = design.waist.finish
    if finish == "tail":
        return spline([(x, y), (x * 0.8, y + 2.6), (x * 0.45, y + 6.0), (0, y + 6.6)], 8)
    if finish == "wavy":
        share = np.linspace(0, 1, 60)
        wave = np.sin(flounce_phase(_flounce(design), share)) * 0.008 * y + 0.05 * x * share
        return np.stack([x * (1 - share), y + wave], 1)
    return bow((x, y), (0, y + 0.03 * x), -0.015 * x)


def _flounce(design: Design) -> Flounce:
    cut = design.cut
    return Flounce(5.0 + 3.0 * cut.hem[0] / cut.armpit[0], (cut.waist[1], cut.waist[0]), (cut.hem[1], cut.hem[0]))


def _armhole(cut: Cut, sleeveless: bool) -> Points:
    return armhole(cut, 0.13) if sleeveless else armhole(cut)


def _armholes(design: Design) -> list[Points]:
    if design.left_sleeve.kind == "none":
        return []
    right = armhole(design.cut)
    if design.left_sleeve.kind == "raglan":
        right = raglan(design.cut, design.collar.half)[8:]
    return [mirror(right), right]


def _body(design: Design, collar: CollarPieces, sling: bool) -> list[Piece]:
    """The front: the chest's cloth all over, then the lower part's cloth on it."""
    cut = design.cut
    if sling:
        top = join(bodice_edge(design), line(strap_foot(design), cut.armpit, 6))
    else:
        top = join(front_neckline(design.collar), _armhole(cut, design.left_sleeve.kind == "none"))
    side, hem = _side(design), _hem(design)
    outline = both_sides(join(top, side, hem))
    pieces: list[Piece] = [Panel("chest", outline, design.chest.fabric, BODY, "body", lift=0.4)]
    below = side[12:]
    level = bow((0, cut.waist[1] + 0.8), cut.waist, 0.0)
    lower = both_sides(join(level, below, hem))
    pieces.append(Panel("waist", lower, design.waist.fabric, BODY))
    if design.waist.fabric != design.chest.fabric or "dress" in design.category:
        pieces.append(Seam("waist", whole(level), 0.3, shaded(design.waist.fabric.main, 0.8), depth=0.08))
    return pieces


def _below(design: Design) -> list[Piece]:
    """Hem finish, pockets and belt."""
    cut, waist = design.cut, design.waist
    pieces = _hem_finish(design, waist)
    if waist.extra in ("kangaroo", "welt", "zip", "patch", "flap"):
        tall = cut.hem[1] - cut.waist[1]
        wide = min(cut.waist[0] * 0.62, 16.0)
        y = cut.waist[1] + min(0.42 * tall, 17.0)
        if waist.extra == "kangaroo":
            pieces += pocket("waist", (0, y), (cut.waist[0] * 1.15, min(tall * 0.6, 19.0)), waist.fabric, "kangaroo")
        else:
            size = (wide * (0.5 if waist.extra in ("welt", "zip") else 0.85), min(tall * 0.5, 16.0))
            for sign in (-1, 1):
                pieces += pocket("waist", (sign * cut.waist[0] * 0.56, y), size, waist.fabric, waist.extra)
    if waist.extra == "belt":
        y = cut.waist[1] + 3.0
        half = float(np.interp(y, [cut.waist[1], cut.hip[1]], [cut.waist[0], cut.hip[0]]))
        pieces += belt(y, half, 3.4, waist.accent, design.metal)
    if waist.extra == "tiers":
        for share in (0.35, 0.68):
            pieces.append(Seam("waist", _level(design, share), 0.4, shaded(waist.fabric.main, 0.78), depth=0.15))
    if waist.print is not None:
        middle = (0.35 * cut.waist[0], (cut.waist[1] + cut.hem[1]) / 2)
        pieces.append(Decal("waist", waist.print, middle))
    return pieces


def _level(design: Design, share: float) -> Points:
    """Curve across the front at a share of the way from the waist to the hem."""
    edge = _side(design)[12:]
    place = edge[round(share * (len(edge) - 1))]
    return bow((-place[0], place[1]), (place[0], place[1]), 0.03 * place[0] * 2)


def _hem_finish(design: Design, waist: Waist) -> list[Piece]:
    side, hem = _side(design), _hem(design)
    dipped = 0.35 * (_hem_y(design) - design.cut.waist[1])
    tall = {"rib": 6.0, "contrast": 3.5, "elastic": 3.0, "dipped": dipped, "lace": 4.5}
    if waist.finish not in tall:
        return [hem_stitches(hem, 2.2, 0.22, waist.fabric)] if waist.finish != "raw" else []
    length = float(np.hypot(*np.diff(side, axis=0).T).sum())
    outline = hem_band(side, hem, min(0.6, tall[waist.finish] / length))
    return [Panel("waist", outline, waist.accent, BODY, lift=0.2 if waist.finish != "dipped" else 0.0)]


def _chest(design: Design) -> list[Piece]:
    cut, chest = design.cut, design.chest
    wide = min(cut.armpit[0] * 0.5, 12.0)
    pieces: list[Piece] = []
    if chest.extra in ("yoke", "stripe", "stripes"):
        pieces += _chest_bands(design)
    if chest.print is not None:
        across, down = chest.print.place
        lowest = cut.waist[1] - 0.55 * chest.print.width
        y = min(PRINT_TOP + down * (cut.waist[1] - PRINT_TOP), max(lowest, 0.6 * cut.waist[1]))
        pieces.append(Decal("chest", chest.print, (across * cut.armpit[0], y), room=2 * (cut.waist[1] - y) + 1))
    if chest.extra in ("pocket", "pockets"):
        y = cut.armpit[1] + 1.0
        for sign in (1,) if chest.extra == "pocket" else (-1, 1):
            kind = "patch" if chest.extra == "pocket" else "flap"
            pieces += pocket("chest", (sign * cut.armpit[0] * 0.46, y), (wide * 0.9, wide), chest.fabric, kind)
    if chest.extra == "pleats":
        for x in (-7.5, -5, -2.5, 2.5, 5, 7.5):
            path = line((x, cut.armpit[1] * 0.8), (x, cut.waist[1] - 2))
            pieces.append(Seam("chest", path, 0.3, shaded(chest.fabric.main, 0.86), depth=0.15))
    return pieces


def _chest_bands(design: Design) -> list[Piece]:
    """Colour blocks across the chest, below the neck and inside the armholes."""
    cut = design.cut
    y0, y1 = cut.armpit[1] - 1, cut.waist[1] - 1
    spans: dict[str, tuple[tuple[float, float], ...]] = {"yoke": ((y0 - 0.25 * (y1 - y0), y0 + 0.3 * (y1 - y0)),)}
    spans["stripe"] = ((y0 + 0.3 * (y1 - y0), y0 + 0.7 * (y1 - y0)),)
    spans["stripes"] = tuple((y0 + share * (y1 - y0), y0 + (share + 0.14) * (y1 - y0)) for share in (0.15, 0.43, 0.71))
    edge = join(_armhole(cut, design.left_sleeve.kind == "none"), _side(design)[:13])
    pieces: list[Piece] = []
    for start, end in spans[design.chest.extra]:
        ys = np.linspace(start, end, 8)
        xs = np.interp(ys, edge[:, 1], edge[:, 0])
        pieces.append(
            Panel("chest", both_sides(join([[0, start]], np.stack([xs, ys], 1), [[0, end]])), design.chest.accent)
        )
    return pieces


def _edges(design: Design) -> list[Piece]:
    """Binding of sleeveless armholes."""
    if design.left_sleeve.kind != "none":
        return []
    pieces: list[Piece] = []
    right = _armhole(design.cut, True)
    for side, sleeve, path in (("left", design.left_sleeve, mirror(right)), ("right", design.right_sleeve, right)):
        inner = path + np.array([0.6 if side == "left" else -0.6, 0])
        if sleeve.finish == "binding":
            pieces.append(Seam(f"{side}_sleeve", inner, 1.3, sleeve.accent.main, depth=-0.15))
        elif sleeve.finish == "ruffle":
            wave = np.sin(np.linspace(0, 22, len(path))) * 0.7
            out = np.stack([(2.6 + wave) * (-1 if side == "left" else 1), np.zeros(len(path))], 1)
            frill = path + out * np.sin(np.linspace(0.25, np.pi, len(path)))[:, None]
            pieces.append(Panel(f"{side}_sleeve", join(path, frill[::-1]), sleeve.accent, lift=0.3))
        else:
            pieces.append(Seam(f"{side}_sleeve", inner, 0.25, stitching(design.chest.fabric), dashed=True))
    return pieces


def _body_reliefs(design: Design) -> dict[str, Relief]:
    cut = design.cut
    wide = max(cut.shoulder[0], cut.armpit[0], cut.hem[0]) + 12
    extent = (-wide, -8.0, wide, cut.hem[1] * 1.15 + 12)
    anchors = tuple((sign * x, y) for x, y in (cut.armpit, cut.waist) for sign in (-1, 1))
    return {
        "body": Relief(BODY, extent, anchors, _flounce(design) if design.waist.finish == "wavy" else None),
        "inside": Relief(BODY, extent, anchors),
    }


def _landmarks(design: Design, collar: CollarPieces, sides: dict[str, LaidSleeve]) -> dict[str, tuple[float, float]]:
    cut = design.cut
    right: dict[str, tuple[float, float]] = {
        "neck_{}": collar.neck,
        "shoulder_{}": cut.shoulder,
        "armpit_{}": cut.armpit,
        "waist_{}": cut.waist,
        "hem_{}": _hem_corner(design),
    }
    points = {"neck_bottom": collar.bottom}
    for name, (x, y) in right.items():
        points[name.format("left")] = (-x, y)
        points[name.format("right")] = (x, y)
    for side, laid in sides.items():
        points[f"cuff_{side}_outer"] = laid.cuff_outer
        points[f"cuff_{side}_inner"] = laid.cuff_inner
    return points
