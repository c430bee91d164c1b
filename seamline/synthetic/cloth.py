"""Random cloth and prints, in colours that go together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seamline.synthetic.design import Colour, Fabric, Print
from seamline.synthetic.palette import cloth_colour, contrasting, denim_colour, jittered, print_colours, shaded
from seamline.synthetic.prints import PRINT_KINDS

_PATTERNS = {
    "solid": 46, "melange": 6, "stripes": 9, "breton": 4, "pinstripes": 3, "check": 4, "tartan": 5, "gingham": 3,
    "dots": 4, "floral": 6, "camouflage": 3, "leopard": 2, "tiedye": 2, "aztec": 3, "chevron": 2, "gradient": 2,
    "paisley": 2,
}  # fmt: skip
_PERIODS = {
    "stripes": (1.2, 9), "breton": (2, 5), "dots": (1.6, 6), "floral": (5, 14), "tartan": (5, 16), "gingham": (1, 5),
    "check": (3, 10),
}  # fmt: skip
"""Least and largest cm between repeats of a pattern."""

Rng = np.random.Generator


def weighted_choice(rng: Rng, shares: Mapping[str, float]) -> str:
    """One key, as often as its share says."""
    values = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=values / values.sum()))


def random_fabric(rng: Rng, weaves: dict[str, float], main: Colour | None = None, patterned: float = 1.0) -> Fabric:
    """Cloth of one of the weaves; `patterned` scales how often it is more than plain."""
    weave = weighted_choice(rng, weaves)
    first = main if main is not None else denim_colour(rng) if weave == "denim" else cloth_colour(rng)
    plain = weave in ("denim", "leather", "quilted") or rng.random() > patterned
    pattern = "solid" if plain else weighted_choice(rng, _PATTERNS)
    second = contrasting(rng, first, 0.22)
    third = contrasting(rng, first, 0.3)
    low, high = _PERIODS.get(pattern, (3.0, 10.0))
    colours = (first, second, third, jittered(rng, second, 30))
    return Fabric(pattern, colours, float(rng.uniform(low, high)), weave, int(rng.integers(2**31)))


def trim_of(rng: Rng, fabric: Fabric, contrast: float, weave: str | None = None) -> Fabric:
    """Plain cloth that goes with the fabric: its own colour, or with probability `contrast` another."""
    if rng.random() < contrast:
        own = len(fabric.colours) > 1 and rng.random() < 0.6
        colour = fabric.colours[-1] if own else contrasting(rng, fabric.main, 0.25)
    else:
        colour = shaded(fabric.main, float(rng.uniform(0.9, 1.04)))
    return Fabric("solid", (colour,), weave=weave or fabric.weave, seed=int(rng.integers(2**31)))


def random_print(rng: Rng, cloth: Colour, widest: float) -> Print:
    """A print that stands out from its cloth, up to `widest` cm wide."""
    kind = weighted_choice(rng, PRINT_KINDS)
    colours = print_colours(rng, cloth)
    big = rng.random() < 0.75
    width = float(rng.uniform(0.55, 1.0) * widest if big else rng.uniform(0.2, 0.35) * widest)
    place = (
        (float(rng.normal(0, 0.02)), float(rng.uniform(0.35, 0.62))) if big else (float(rng.choice([-0.45, 0.45])), 0.3)
    )
    return Print(kind, colours, width, place, int(rng.integers(2**31)))
