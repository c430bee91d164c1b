"""Colours of clothes and of the things that they lie on."""

from __future__ import annotations

import colorsys

import numpy as np

from seamline.synthetic.design import Colour

_CLOTHES: tuple[tuple[Colour, float], ...] = (
    ((24, 24, 27), 10), ((238, 236, 232), 9), ((28, 36, 66), 8), ((120, 122, 126), 5), ((178, 180, 184), 4),
    ((62, 64, 70), 4), ((160, 28, 40), 5), ((104, 22, 38), 2), ((52, 96, 168), 5), ((128, 170, 212), 4),
    ((40, 84, 62), 3), ((98, 108, 70), 3), ((150, 186, 150), 2), ((226, 200, 76), 3), ((206, 112, 48), 2),
    ((214, 196, 166), 4), ((150, 112, 78), 3), ((88, 62, 48), 2), ((226, 160, 172), 4), ((208, 60, 122), 3),
    ((112, 72, 142), 3), ((184, 164, 210), 2), ((30, 132, 140), 3), ((120, 206, 200), 2), ((240, 132, 108), 2),
)  # fmt: skip
_COLOURS = np.array([colour for colour, _ in _CLOTHES], float)
_SHARES = np.array([share for _, share in _CLOTHES], float) / sum(share for _, share in _CLOTHES)

_DENIM: tuple[Colour, ...] = (
    (44, 62, 98), (72, 98, 140), (120, 148, 182), (36, 40, 52), (168, 188, 206), (92, 96, 104),
)  # fmt: skip
_WOOD: tuple[Colour, ...] = (
    (158, 112, 70), (196, 158, 112), (112, 72, 44), (170, 160, 148), (206, 192, 172), (92, 80, 72),
)  # fmt: skip
_SHEETS: tuple[Colour, ...] = (
    (232, 230, 226), (200, 196, 190), (226, 206, 178), (150, 36, 44), (196, 92, 116), (70, 80, 104), (186, 200, 214),
    (60, 58, 62), (206, 168, 150), (120, 150, 130),
)  # fmt: skip
_WALLS: tuple[Colour, ...] = (
    (222, 220, 214), (236, 234, 230), (206, 198, 184), (190, 196, 204), (214, 200, 170), (170, 168, 166),
)  # fmt: skip
_METALS: tuple[Colour, ...] = (
    (196, 196, 200), (150, 150, 156), (180, 140, 80), (40, 40, 44), (236, 234, 228), (110, 80, 60),
)  # fmt: skip


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return jittered(rng, colours[int(rng.integers(len(colours)))])


def jittered(rng: np.random.Generator, colour: Colour, spread: float = 9.0) -> Colour:
    """A neighbour of the colour."""
    shifted = np.array(colour) + rng.normal(0, spread * 0.5) + rng.normal(0, spread, 3) * 0.6
    red, green, blue = np.clip(shifted, 8, 248).round().astype(int)
    return int(red), int(green), int(blue)


def cloth_colour(rng: np.random.Generator) -> Colour:
    """A colour as people wear it: the greys and navy most often, any hue at times."""
    if rng.random() < 0.15:
        red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.2, 0.75), rng.uniform(0.25, 0.9))
        return round(255 * red), round(255 * green), round(255 * blue)
    row = _COLOURS[int(rng.choice(len(_COLOURS), p=_SHARES))]
    return jittered(rng, (int(row[0]), int(row[1]), int(row[2])))


def denim_colour(rng: np.random.Generator) -> Colour:
    """A wash of denim."""
    return _pick(rng, _DENIM)


def metal_colour(rng: np.random.Generator) -> Colour:
    """A colour of buttons, zips and snaps."""
    return _pick(rng, _METALS)


def contrast(first: Colour, second: Colour) -> float:
    """Distance of two colours as shares of the full range, lightness counting most."""
    a, b = np.array(first) / 255, np.array(second) / 255
    return float(abs(a.mean() - b.mean()) + 0.35 * np.abs((a - a.mean()) - (b - b.mean())).sum())


def contrasting(rng: np.random.Generator, colour: Colour, least: float = 0.3) -> Colour:
    """A cloth colour that can be told from the given one."""
    for _ in range(12):
        other = cloth_colour(rng)
        if contrast(colour, other) >= least:
            return other
    return (240, 238, 234) if np.mean(colour) < 128 else (26, 26, 30)


def print_colours(rng: np.random.Generator, cloth: Colour) -> tuple[Colour, Colour, Colour, Colour]:
    """Colours of a print on cloth: the first and third stand out from it, the fourth is nearly the cloth's own."""
    first = contrasting(rng, cloth, 0.35)
    return first, contrasting(rng, first, 0.25), contrasting(rng, cloth, 0.25), jittered(rng, cloth, 4)


def background_colours(rng: np.random.Generator, kind: str) -> tuple[Colour, ...]:
    """Three colours for a background of this kind, the main one first."""
    choice = {"wood": _WOOD, "sheet": _SHEETS, "wall": _WALLS, "tiles": _WALLS, "concrete": _WALLS}.get(kind)
    main = _pick(rng, choice) if choice else jittered(rng, cloth_colour(rng), 6)
    if kind == "carpet":
        main = _pick(rng, (*_WOOD, *_SHEETS))
    return main, contrasting(rng, main, 0.15), contrasting(rng, main, 0.3)


def shaded(colour: Colour, factor: float) -> Colour:
    """The colour made darker (below 1) or lighter (above 1)."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
    return red, green, blue
