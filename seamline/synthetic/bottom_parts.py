"""Random waistbands, hips and legs for trousers, shorts and skirts; each is also what a copy may replace."""

from __future__ import annotations

import dataclasses

from seamline.synthetic.cloth import Rng, random_print, trim_of, weighted_choice
from seamline.synthetic.design import Chest, Collar, Fabric, Sleeve


def random_waistband(rng: Rng, half: float, fabric: Fabric) -> Collar:
    """A waistband for trousers, shorts or a skirt."""
    kinds: dict[str, float] = {"loops": 20, "drawstring": 32, "elastic": 28, "plain": 20}
    if fabric.weave in ("denim", "twill"):
        kinds = {"loops": 55, "drawstring": 15, "elastic": 15, "plain": 12, "buckle": 5}
    kind, trim = weighted_choice(rng, kinds), fabric
    if kind != "loops" and rng.random() >= 0.6:
        trim = trim_of(rng, fabric, 0.5, "rib" if kind in ("elastic", "drawstring") else None)
    return Collar(kind, half, float(rng.uniform(0.4, 2.2)), float(rng.uniform(2.6, 5.5)), trim)


def random_hips(rng: Rng, category: str, fabric: Fabric) -> Chest:
    """Front pockets and their like."""
    extra = weighted_choice(rng, {"slant": 55, "none": 22, "zip": 8, "patch": 8, "flap": 5})
    print_ = None
    if rng.random() < (0.12 if category == "shorts" else 0.05):
        print_ = dataclasses.replace(random_print(rng, fabric.main, 9.0), place=(0.55, 0.6))
    return Chest(fabric, print_, extra, trim_of(rng, fabric, 0.15))


def random_leg(rng: Rng, category: str, length: float, thigh: float, fabric: Fabric) -> Sleeve:
    """A leg whose outer seam has this length and whose thigh has this half width, in cm."""
    if category == "shorts":
        kind, opening = "straight", thigh * float(rng.uniform(0.85, 1.08))
        finish = weighted_choice(rng, {"hem": 65, "rolled": 14, "contrast": 10, "elastic": 5, "raw": 6})
        extra = weighted_choice(rng, {"none": 70, "side": 10, "stripes": 8, "cargo": 10})
    else:
        kind = weighted_choice(rng, {"skinny": 35, "straight": 35, "wide": 14, "flared": 12})
        low, high = {"skinny": (0.45, 0.58), "straight": (0.62, 0.8), "wide": (0.95, 1.15), "flared": (0.9, 1.1)}[kind]
        opening = thigh * float(rng.uniform(low, high))
        finish = weighted_choice(
            rng, {"hem": 66, "rib": 14 if kind == "skinny" else 2, "rolled": 8, "contrast": 3, "elastic": 5}
        )
        extra = weighted_choice(rng, {"none": 62, "side": 8, "stripes": 8, "cargo": 8, "rips": 8, "knee": 5})
    return Sleeve(
        kind, length, opening, finish, fabric, extra, trim_of(rng, fabric, 0.9 if extra in ("side", "stripes") else 0.3)
    )
