"""Random collars, fronts and sleeves for garments with a neck; each is also what a copy may replace."""

from __future__ import annotations

import dataclasses

from seamline.synthetic.cloth import Rng, random_print, trim_of, weighted_choice
from seamline.synthetic.design import Chest, Collar, Cut, Fabric, Sleeve, Waist

_COLLARS: dict[str, dict[str, float]] = {
    "short": {
        "crew": 40, "v": 14, "scoop": 14, "boat": 5, "polo": 12, "shirt": 9, "henley": 4, "square": 2, "keyhole": 2,
    },
    "long": {
        "crew": 27, "v": 9, "scoop": 7, "boat": 4, "polo": 3, "shirt": 25, "turtleneck": 9, "hood": 12, "henley": 3,
        "square": 1,
    },
    "outwear": {"stand": 30, "hood": 26, "shirt": 18, "lapel": 18, "crew": 5, "v": 5},
    "vest": {"scoop": 40, "crew": 20, "v": 20, "square": 8, "keyhole": 4, "boat": 8},
    "sling": {"sweetheart": 35, "straight": 30, "v": 20, "cowl": 15},
    "dress": {"crew": 22, "v": 22, "scoop": 22, "boat": 8, "square": 8, "shirt": 8, "keyhole": 4, "turtleneck": 3},
}  # fmt: skip

_DEPTHS = {
    "crew": (6, 10), "v": (12, 24), "scoop": (10, 18), "boat": (3, 6), "square": (9, 15), "henley": (7, 10),
    "keyhole": (5, 8), "shirt": (5, 9), "polo": (5, 8), "stand": (5, 8), "turtleneck": (4, 5), "hood": (8, 13),
    "lapel": (20, 32), "sweetheart": (4, 8), "straight": (0.5, 2), "cowl": (5, 9),
}  # fmt: skip


def collar_kinds(category: str) -> dict[str, float]:
    """Kinds of collar that suit a category, with their shares."""
    if "sling" in category:
        return _COLLARS["sling"]
    if "outwear" in category:
        return _COLLARS["outwear"]
    if category == "vest":
        return _COLLARS["vest"]
    if "dress" in category:
        return _COLLARS["dress"]
    return _COLLARS["short" if "short" in category else "long"]


def random_collar(rng: Rng, kind: str, half: float, fabric: Fabric, deepest: float = 40.0) -> Collar:
    """A collar of this kind for a neck of half width `half` on cloth `fabric`, at most `deepest` cm deep."""
    low, high = _DEPTHS[kind]
    depth = min(float(rng.uniform(low, high)), deepest)
    wide = {"boat": 1.3, "scoop": 1.12, "shirt": 0.86, "polo": 0.9, "turtleneck": 0.88, "stand": 0.95}.get(kind, 1.0)
    banded = kind in ("crew", "henley", "turtleneck", "hood", "stand", "shirt", "lapel") or rng.random() < 0.6
    band = float(rng.uniform(1.2, 3.0)) if banded else 0.0
    weave = "rib" if kind in ("crew", "turtleneck", "henley") and rng.random() < 0.7 else None
    trim = trim_of(
        rng, fabric, 0.3 if kind not in ("shirt", "lapel", "sweetheart", "straight", "cowl") else 0.12, weave
    )
    if kind in ("shirt", "lapel") and rng.random() < 0.7:
        trim = fabric
    return Collar(kind, half * wide, depth, band, trim)


def random_chest(rng: Rng, category: str, cut: Cut, fabric: Fabric, collar: str) -> Chest:
    """The front above the waist; prints mostly on plain tops without a closure."""
    plain = fabric.pattern in ("solid", "melange", "gradient")
    closed = "outwear" in category or collar in ("shirt", "lapel")
    chance = 0.06 if closed else 0.62 if plain and "dress" not in category else 0.12
    print_ = None
    if rng.random() < chance:
        print_ = random_print(rng, fabric.main, cut.armpit[0] * 1.35)
        if closed:
            print_ = dataclasses.replace(print_, width=cut.armpit[0] * 0.3, place=(0.45, 0.3))
    shares: dict[str, float] = {"none": 60}
    if print_ is None:
        shares |= {"pocket": 9, "yoke": 5, "stripe": 5, "stripes": 4}
        if closed:
            shares |= {"pockets": 25, "yoke": 8}
        if "dress" in category:
            shares |= {"pleats": 10, "pocket": 1}
    return Chest(fabric, print_, weighted_choice(rng, shares), trim_of(rng, fabric, 1.0))


def random_waist(rng: Rng, category: str, fabric: Fabric, collar: str) -> Waist:
    """The front from the waist down."""
    finishes: dict[str, float] = {"hem": 60, "contrast": 5, "rib": 8, "dipped": 3}
    extras: dict[str, float] = {"none": 80}
    if fabric.weave in ("knit", "cable", "fleece"):
        finishes |= {"rib": 50, "hem": 15}
    if collar == "shirt":
        finishes = {"hem": 30, "tail": 60}
    if collar == "hood":
        finishes, extras = {"rib": 70, "hem": 15}, {"kangaroo": 70, "none": 20}
    if "dress" in category:
        finishes = {"hem": 45, "wavy": 25, "contrast": 10, "lace": 8, "tail": 4}
        extras = {"none": 50, "belt": 22, "tiers": 15, "patch": 5}
    if "outwear" in category:
        finishes = {"hem": 55, "rib": 25, "contrast": 4, "elastic": 6}
        extras = {"welt": 30, "zip": 20, "patch": 12, "flap": 18, "none": 20, "belt": 4}
    contrast = 0.8 if "contrast" in finishes else 0.3
    finish = weighted_choice(rng, finishes)
    weave = finish if finish in ("rib", "lace") else None
    accent = trim_of(rng, fabric, contrast if finish in ("contrast", "dipped") else 0.2, weave)
    extra = weighted_choice(rng, extras)
    if extra == "belt":
        accent = trim_of(rng, fabric, 0.8, "leather")
    return Waist(fabric, finish, extra, accent)


def random_sleeve(rng: Rng, category: str, cut: Cut, fabric: Fabric, collar: str) -> Sleeve:
    """A sleeve, a strap or the edge of an armhole."""
    if "sling" in category:
        return Sleeve("none", 0.0, float(rng.uniform(0.8, 3.0)), "strap", fabric, "none", trim_of(rng, fabric, 0.15))
    if "vest" in category:
        finish = weighted_choice(rng, {"stitch": 45, "binding": 40, "ruffle": 10})
        return Sleeve("none", 0.0, 0.0, finish, fabric, "none", trim_of(rng, fabric, 0.4))
    hole = cut.armpit[1] - cut.shoulder[1]
    if "short" in category:
        length = float(rng.choice([rng.uniform(9, 14), rng.uniform(16, 26), rng.uniform(28, 34)], p=[0.18, 0.7, 0.12]))
        opening = hole * float(rng.uniform(0.62, 0.85))
        kind = weighted_choice(rng, {"set": 70, "raglan": 12, "puff": 10, "bell": 8})
        finish = weighted_choice(rng, {"hem": 62, "contrast": 12, "narrow_rib": 10, "rolled": 8, "elastic": 5})
        extra = weighted_choice(rng, {"none": 78, "stripes": 5, "side": 4, "band": 8})
    else:
        short = rng.random() < 0.12
        length = float(rng.uniform(40, 48) if short else rng.uniform(54, 66))
        opening = float(rng.uniform(8.5, 13.0))
        kind = weighted_choice(rng, {"set": 72, "raglan": 12, "drop": 8, "bell": 6, "puff": 2})
        opening *= 1.7 if kind == "bell" else 1.0
        finish = weighted_choice(rng, {"hem": 35, "rib": 40, "contrast": 6, "elastic": 6})
        if collar == "shirt":
            finish = weighted_choice(rng, {"cuff": 85, "rolled": 15})
        extra = weighted_choice(rng, {"none": 76, "stripes": 7, "side": 4, "bands": 5, "lower": 5})
    wanted = finish in ("contrast", "rolled") or extra != "none"
    accent = trim_of(rng, fabric, 0.9 if wanted else 0.12, "rib" if finish in ("rib", "narrow_rib") else None)
    if finish == "cuff":
        accent = fabric
    patch = None
    if extra == "none" and rng.random() < 0.05:
        patch = random_print(rng, fabric.main, 7.0)
    return Sleeve(kind, length, opening, finish, fabric, extra, accent, patch)
