"""What is sewn on a front: closures, pockets, belts, bands."""

from __future__ import annotations

import numpy as np

from seamline.synthetic.curves import Points, both_sides, bow, join, line, mirror, share_of, spline
from seamline.synthetic.design import Colour, Design, Fabric
from seamline.synthetic.palette import shaded
from seamline.synthetic.pieces import Panel, Piece, Seam, Stud


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Closed rectangle."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def stitching(fabric: Fabric) -> Colour:
    """Thread: ochre on denim, else a shade of the cloth."""
    return (190, 140, 70) if fabric.weave == "denim" else shaded(fabric.main, 0.8)


def hem_stitches(hem: Points, above: float, width: float, fabric: Fabric) -> Seam:
    """A seam `above` cm over a hem, whose right half runs from its corner to the middle."""
    path = join(hem, mirror(hem)[::-1][1:])[1:-1] * np.array([0.985, 1.0]) - np.array([0, above])
    return Seam("waist", path, width, stitching(fabric), dashed=True)


def hem_band(side: Points, hem: Points, share: float) -> Points:
    """Outline of what lies below the last `share` of the right side's length, down to the hem."""
    end = share_of(side, 1 - share, 1.0)
    return both_sides(join(bow((0, end[0][1] + hem[-1][1] - hem[0][1]), end[0], 0.0), end, hem))


def closure(design: Design, top: float, levels: tuple[float, float, float], opening: float) -> list[Piece]:
    """The front's closure from the neck's bottom down.

    `levels`: y of the waist, of the pattern's hem and of the hem as lengthened. `opening`: half width in cm of the gap
    at the pattern's hem, 0 where closed.
    """
    if design.closure == "none":
        return []
    waist, pattern_hem, hem = levels
    pieces: list[Piece] = []
    for region, start, end in (("chest", top, waist), ("waist", waist, hem)):
        if opening > 0:
            pieces += _gap(design, region, (start, end), (top, pattern_hem), opening)
        elif design.closure == "zip":
            pieces += _zip(design, region, start, end)
        else:
            pieces += _button_front(design, region, start, end)
    return pieces


def _gap(
    design: Design, region: str, part: tuple[float, float], whole: tuple[float, float], opening: float
) -> list[Piece]:
    ys = np.linspace(part[0], part[1], 10)
    # Its width below does not depend on the neckline, which a copy may change; only its tip does.
    share = np.clip((ys - 8.0) / (whole[1] - 8.0), 0, None)
    apart = np.clip((ys - whole[0]) / 9.0, 0, 1)
    edge = np.stack([opening * apart * (0.12 + 0.88 * share**0.8), ys], 1)
    outline = join(edge, mirror(edge)[::-1])
    colour = design.metal if design.closure == "zip" else shaded(design.chest.fabric.main, 0.7)
    pieces: list[Piece] = [Panel(region, outline, design.lining, relief="inside", tint=0.6, lift=-0.5)]
    pieces += [Seam(region, path, 0.8, colour, depth=-0.3) for path in (edge, mirror(edge))]
    if design.closure == "buttons":
        pieces += [Stud(region, (float(x) + 1.6, float(y)), 0.75, design.metal) for x, y in edge[1::4]]
    return pieces


def _zip(design: Design, region: str, start: float, end: float) -> list[Piece]:
    path = line((0, start), (0, end), 12)
    tape = Fabric("solid", (shaded(design.chest.fabric.main, 0.6),), weave="plain")
    pieces: list[Piece] = [Panel(region, box(-0.8, start, 0.8, end), tape, lift=0.0)]
    pieces.append(Seam(region, path, 0.7, design.metal, dashed=True, depth=-0.1))
    if region == "chest":
        puller = box(-0.45, start + 0.5, 0.45, start + 3.2)
        pieces.append(Panel("collar", puller, Fabric("solid", (design.metal,), weave="satin"), lift=0.2))
    return pieces


def _button_front(design: Design, region: str, start: float, end: float) -> list[Piece]:
    double = design.closure == "double"
    fabric = design.chest.fabric if region == "chest" else design.waist.fabric
    stitch = stitching(fabric)
    edge = 1.6 if not double else 8.0
    pieces: list[Piece] = [
        Seam(region, line((edge, start), (edge, end), 12), 0.35, shaded(fabric.main, 0.7), depth=0.2),
        Seam(region, line((-edge + 0.2, start), (-edge + 0.2, end), 12), 0.15, stitch, dashed=True),
    ]
    radius = 1.3 if double else 0.7 if design.closure == "buttons" else 0.55
    first = np.ceil((start + 2.0) / 8.5) * 8.5
    for y in np.arange(first, end - 1.0, 8.5):
        xs = (-5.5, 5.5) if double else (0.0,)
        pieces += [Stud(region, (x, float(y)), radius, design.metal, holes=design.closure != "snaps") for x in xs]
    return pieces


def pocket(
    region: str, centre: tuple[float, float], size: tuple[float, float], fabric: Fabric, kind: str
) -> list[Piece]:
    """A sewn-on pocket of a kind: patch, flap, welt, zip, kangaroo."""
    (x, y), (wide, tall) = centre, size
    left, right, top, bottom = x - wide / 2, x + wide / 2, y - tall / 2, y + tall / 2
    stitch = stitching(fabric)
    if kind in ("welt", "zip"):
        slant = 0.25 * wide * np.sign(x)
        slot = np.array(
            [[left, top + slant], [right, top - slant], [right, top - slant + 1.5], [left, top + slant + 1.5]]
        )
        dark = Fabric("solid", (shaded(fabric.main, 0.6),), weave="plain")
        return [Panel(region, slot, dark if kind == "zip" else fabric, lift=0.2), Seam(region, slot, 0.2, stitch)]
    if kind == "kangaroo":
        half = np.array([[0, top], [wide * 0.32, top], [wide / 2, y + tall * 0.12], [wide / 2, bottom], [0, bottom]])
        outline = join(half, mirror(half)[::-1])
        return [Panel(region, outline, fabric, lift=0.3), Seam(region, outline, 0.18, stitch, dashed=True)]
    outline = np.vstack([[left, top], [right, top], [right, bottom - 1.5], [x, bottom], [left, bottom - 1.5]])
    pieces: list[Piece] = [Panel(region, outline, fabric, lift=0.3)]
    inner = (outline - (x, y)) * 0.9 + (x, y)
    pieces.append(Seam(region, np.vstack([inner, inner[:1]]), 0.16, stitch, dashed=True, depth=0.03))
    if kind == "flap":
        upper = [[left - 0.3, top - 0.6], [right + 0.3, top - 0.6]]
        flap = np.array([*upper, [right + 0.3, top + 3.2], [x, top + 4.6], [left - 0.3, top + 3.2]])
        pieces += [Panel(region, flap, fabric, lift=0.35), Stud(region, (x, top + 3.4), 0.5, shaded(fabric.main, 0.5))]
    return pieces


def belt(y: float, half: float, width: float, fabric: Fabric, metal: Colour) -> list[Piece]:
    """A belt across the waist with a buckle."""
    strip = join(
        bow((-half, y - width / 2), (half, y - width / 2), 0.6),
        bow((half, y + width / 2), (-half, y + width / 2), -0.6),
    )
    buckle = spline([(-2.6, y - 2), (2.6, y - 2), (2.6, y + 2.6), (-2.6, y + 2.6), (-2.6, y - 2)], 4)
    return [Panel("waist", strip, fabric, lift=0.35), Seam("waist", buckle, 0.7, metal, depth=-0.2)]
