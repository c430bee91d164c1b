"""New colours for cloth."""

from __future__ import annotations

import numpy as np

from seamline.data.copies.sample import Floats
from seamline.data.copies.shading import lab_of
from seamline.synthetic.palette import cloth_colour, contrasting, jittered

Colour = tuple[int, int, int]


def distinct_colour(old: Floats, contrast: tuple[float, float], random: np.random.Generator) -> Colour:
    """A cloth colour whose distance from the old one (8-bit Lab) is within the range, or nearest to it."""
    best, miss = (128, 128, 128), np.inf
    for _ in range(24):
        colour = cloth_colour(random)
        apart = distance(old, lab_of(np.array(colour, np.float32)))
        off = max(contrast[0] - apart, apart - contrast[1], 0.0)
        if off < miss:
            best, miss = colour, off
        if not off:
            break
    return best


def distance(first: Floats, second: Floats) -> float:
    """Of two colours in 8-bit Lab, on the scale of CIELAB."""
    return float(np.hypot((first[0] - second[0]) / 2.55, np.hypot(*(first[1:] - second[1:]))))


def print_colours(cloth: Colour, random: np.random.Generator) -> tuple[Colour, Colour, Colour, Colour]:
    """Colours of a print on a cloth: the first and third stand out from it, the fourth is nearly the cloth's."""
    first = contrasting(random, cloth, 0.35)
    return first, contrasting(random, first, 0.25), contrasting(random, cloth, 0.25), jittered(random, cloth, 4)


def as_colour(rgb: Floats) -> Colour:
    """RGB 0..255 as whole numbers."""
    red, green, blue = np.clip(np.round(rgb), 0, 255).astype(int)
    return int(red), int(green), int(blue)
