"""New designs: a category's typical proportions, varied, in random cloth, prints and trims."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.data.drawing.design import Chest, Collar, Colour, Cut, Design, Fabric, Print, Sleeve, Waist
from seamline.data.drawing.palette import cloth_colour, contrasting, denim_colour, jittered, metal_colour, shaded
from seamline.data.drawing.prints import PRINT_KINDS
from seamline.data.drawing.templates import symmetric_landmarks

_TALL = {"top": 68.0, "outwear": 68.0, "vest": 64.0, "sling": 60.0, "dress": 98.0, "shorts": 42.0, "trousers": 100.0, "skirt": 56.0}

_WIDER = {"top": (1.2, 1.15, 1.5), "outwear": (1.1, 1.15, 1.35), "vest": (1.0, 0.95, 1.12), "sling": (1.0, 1.0, 1.05), "dress": (1.15, 1.1, 1.25)}
"""Neck, shoulders and body of clothes laid flat against the template's schematic figure (measured on photos)."""

_PATTERNS = {
    "solid": 46,
    "melange": 6,
    "stripes": 9,
    "breton": 4,
    "pinstripes": 3,
    "check": 4,
    "tartan": 5,
    "gingham": 3,
    "dots": 4,
    "floral": 6,
    "camouflage": 3,
    "leopard": 2,
    "tiedye": 2,
    "aztec": 3,
    "chevron": 2,
    "gradient": 2,
    "paisley": 2,
}

Rng = np.random.Generator


def kin(category: str) -> str:
    """The family of cuts that a category belongs to: top, outwear, vest, sling, dress, shorts, trousers, skirt."""
    last = category.split()[-1]
    return "dress" if last == "dress" else last


def choose(rng: Rng, shares: dict[str, float]) -> str:
    """One key, as often as its share says."""
    values = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=values / values.sum()))


def invent(rng: Rng, category: str) -> Design:
    """A new design of this category. Raises KeyError for a name that is not a category."""
    if category in ("shorts", "trousers"):
        return _invent_legs(rng, category)
    if category == "skirt":
        return _invent_skirt(rng)
    return _invent_torso(rng, category)


def invent_fabric(rng: Rng, weaves: dict[str, float], main: Colour | None = None, patterned: float = 1.0) -> Fabric:
    """Cloth of one of the weaves; `patterned` scales how often it is more than plain."""
    weave = choose(rng, weaves)
    first = main if main is not None else denim_colour(rng) if weave == "denim" else cloth_colour(rng)
    plain = weave in ("denim", "leather", "quilted") or rng.random() > patterned
    pattern = "solid" if plain else choose(rng, _PATTERNS)
    second = contrasting(rng, first, 0.22)
    third = contrasting(rng, first, 0.3)
    period = {"stripes": (1.2, 9), "breton": (2, 5), "dots": (1.6, 6), "floral": (5, 14), "tartan": (5, 16), "gingham": (1, 5), "check": (3, 10)}
    low, high = period.get(pattern, (3.0, 10.0))
    return Fabric(pattern, (first, second, third, jittered(rng, second, 30)), float(rng.uniform(low, high)), weave, int(rng.integers(2**31)))


def trim_of(rng: Rng, fabric: Fabric, contrast: float, weave: str | None = None) -> Fabric:
    """Plain cloth that goes with the fabric: its own colour, or with probability `contrast` another."""
    if rng.random() < contrast:
        colour = fabric.colours[-1] if len(fabric.colours) > 1 and rng.random() < 0.6 else contrasting(rng, fabric.main, 0.25)
    else:
        colour = shaded(fabric.main, float(rng.uniform(0.9, 1.04)))
    return Fabric("solid", (colour,), weave=weave or fabric.weave, seed=int(rng.integers(2**31)))


def invent_print(rng: Rng, ground: Colour, widest: float) -> Print:
    """A print that stands out from its ground, up to `widest` cm wide."""
    kind = choose(rng, PRINT_KINDS)
    first = contrasting(rng, ground, 0.35)
    colours = (first, contrasting(rng, first, 0.25), contrasting(rng, ground, 0.25), jittered(rng, ground, 4))
    big = rng.random() < 0.75
    width = float(rng.uniform(0.55, 1.0) * widest if big else rng.uniform(0.2, 0.35) * widest)
    place = (float(rng.normal(0, 0.02)), float(rng.uniform(0.35, 0.62))) if big else (float(rng.choice([-0.45, 0.45])), 0.3)
    return Print(kind, colours, width, place, int(rng.integers(2**31)))


def _cut(rng: Rng, category: str) -> tuple[Cut, float]:
    """Body measures and half the neck's width, from the category's template."""
    family = kin(category)
    points = symmetric_landmarks(category)
    neck_y = float(points["neck_right"][1]) if family != "sling" and "sling" not in category else float(points["shoulder_right"][1])
    unit = _TALL[family] / (float(points["hem_right"][1]) - neck_y)
    wider = _WIDER["sling" if "sling" in category else "vest" if category == "vest" else family]
    girth = float(rng.normal(1.0, 0.09))
    tall = float(np.clip(rng.normal(1.0, 0.09), 0.78, 1.25)) * (float(rng.choice([0.8, 1.0, 1.25], p=[0.35, 0.45, 0.2])) if family == "dress" else 1.0)

    def measure(name: str, widen: float) -> tuple[float, float]:
        x, y = points[name]
        return float(x) * unit * widen * girth, (float(y) - neck_y) * unit

    shoulder = measure("shoulder_right", wider[1])
    armpit = measure("armpit_right", wider[2])
    hem = measure("hem_right", wider[2] if family != "dress" else float(rng.uniform(0.55, 1.0)))
    hem = (hem[0] * float(rng.normal(1.0, 0.05)), hem[1] * tall)
    down = armpit[1] + (hem[1] - armpit[1]) * float(np.clip(rng.normal(0.43 if family != "dress" else 0.28 / tall, 0.05), 0.2, 0.6))
    taper = rng.normal(0.97, 0.04) if family != "dress" else rng.uniform(0.78, 0.98)
    waist = (armpit[0] * float(taper), down)
    hem = (max(hem[0], waist[0] * 0.85), hem[1])
    share = 0.55 if family != "dress" else 0.22
    hip_y = waist[1] + (hem[1] - waist[1]) * share
    hip_x = waist[0] + (hem[0] - waist[0]) * (share if family != "dress" else min(1.0, share + 0.15))
    if "outwear" in category and rng.random() < 0.25:
        hem = (hem[0] * 1.06, hem[1] * 1.35)
    neck = float(points["neck_right"][0]) * unit * wider[0] * float(rng.normal(1.0, 0.1))
    shoulder = (max(shoulder[0], neck + 3.0), max(shoulder[1], 1.5) if "sling" not in category else 0.0)
    armpit = (max(armpit[0], shoulder[0] * 0.96), max(armpit[1], shoulder[1] + 14.0))
    if family == "vest" or category == "vest dress":
        shoulder = (max(neck + 2.5, min(shoulder[0], armpit[0] * float(rng.uniform(0.72, 0.92)))), shoulder[1])
    return Cut(shoulder, armpit, waist, (hip_x, hip_y), hem), neck


_COLLARS: dict[str, dict[str, float]] = {
    "short": {"crew": 40, "v": 14, "scoop": 14, "boat": 5, "polo": 12, "shirt": 9, "henley": 4, "square": 2, "keyhole": 2},
    "long": {"crew": 27, "v": 9, "scoop": 7, "boat": 4, "polo": 3, "shirt": 25, "turtleneck": 9, "hood": 12, "henley": 3, "square": 1},
    "outwear": {"stand": 30, "hood": 26, "shirt": 18, "lapel": 18, "crew": 5, "v": 5},
    "vest": {"scoop": 40, "crew": 20, "v": 20, "square": 8, "keyhole": 4, "boat": 8},
    "sling": {"sweetheart": 35, "straight": 30, "v": 20, "cowl": 15},
    "dress": {"crew": 22, "v": 22, "scoop": 22, "boat": 8, "square": 8, "shirt": 8, "keyhole": 4, "turtleneck": 3},
}
_DEPTHS = {
    "crew": (6, 10),
    "v": (12, 24),
    "scoop": (10, 18),
    "boat": (3, 6),
    "square": (9, 15),
    "henley": (7, 10),
    "keyhole": (5, 8),
    "shirt": (5, 9),
    "polo": (5, 8),
    "stand": (5, 8),
    "turtleneck": (4, 5),
    "hood": (8, 13),
    "lapel": (20, 32),
    "sweetheart": (4, 8),
    "straight": (0.5, 2),
    "cowl": (5, 9),
}


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


def invent_collar(rng: Rng, kind: str, half: float, fabric: Fabric) -> Collar:
    """A collar of this kind for a neck of half width `half` (cm) on cloth `fabric`."""
    low, high = _DEPTHS[kind]
    depth = float(rng.uniform(low, high))
    wide = {"boat": 1.3, "scoop": 1.12, "shirt": 0.86, "polo": 0.9, "turtleneck": 0.88, "stand": 0.95}.get(kind, 1.0)
    banded = kind in ("crew", "henley", "turtleneck", "hood", "stand", "shirt", "lapel") or rng.random() < 0.6
    band = float(rng.uniform(1.2, 3.0)) if banded else 0.0
    weave = "rib" if kind in ("crew", "turtleneck", "henley") and rng.random() < 0.7 else None
    trim = trim_of(rng, fabric, 0.3 if kind not in ("shirt", "lapel", "sweetheart", "straight", "cowl") else 0.12, weave)
    if kind in ("shirt", "lapel", "hood") and trim.main == shaded(fabric.main, 1.0) or rng.random() < 0.6 and kind in ("shirt", "lapel"):
        trim = dataclasses.replace(fabric, pattern=fabric.pattern)
    return Collar(kind, half * wide, depth, band, trim)


_WEAVES: dict[str, dict[str, float]] = {
    "short": {"jersey": 75, "plain": 10, "knit": 5, "satin": 5, "lace": 2},
    "long": {"jersey": 35, "knit": 25, "cable": 6, "fleece": 14, "plain": 10, "satin": 3},
    "shirt": {"plain": 65, "denim": 12, "satin": 10, "corduroy": 6, "twill": 7},
    "outwear": {"twill": 25, "plain": 12, "denim": 12, "leather": 10, "fleece": 14, "nylon": 20, "knit": 7},
    "dress": {"plain": 35, "jersey": 30, "satin": 18, "knit": 6, "lace": 5, "denim": 3},
    "legs": {"denim": 38, "twill": 27, "jersey": 10, "plain": 12, "corduroy": 5, "leather": 3, "nylon": 5},
}


def _body_fabric(rng: Rng, category: str, collar: str) -> Fabric:
    if "outwear" in category:
        return invent_fabric(rng, _WEAVES["outwear"], patterned=0.3)
    if "dress" in category:
        return invent_fabric(rng, _WEAVES["dress"], patterned=0.95)
    if collar == "shirt":
        return invent_fabric(rng, _WEAVES["shirt"], patterned=1.0)
    if "long" in category:
        return invent_fabric(rng, _WEAVES["long"], patterned=0.6 if collar == "hood" else 0.85)
    return invent_fabric(rng, _WEAVES["short"], patterned=0.75)


def _invent_torso(rng: Rng, category: str) -> Design:
    cut, neck = _cut(rng, category)
    kind = choose(rng, collar_kinds(category))
    fabric = _body_fabric(rng, category, kind)
    lower, sleeve_cloth = fabric, fabric
    blocks = rng.random()
    if blocks < 0.07 or ("dress" in category and blocks < 0.2):
        lower = invent_fabric(rng, {fabric.weave: 1}, contrasting(rng, fabric.main, 0.2), patterned=0.4)
    if 0.2 < blocks < 0.3:
        sleeve_cloth = trim_of(rng, fabric, 1.0)
    collar = invent_collar(rng, kind, neck, fabric)
    if kind == "hood" and rng.random() < 0.7:
        collar = dataclasses.replace(collar, trim=fabric)
    left = invent_sleeve(rng, category, cut, sleeve_cloth, kind)
    return Design(
        category=category,
        cut=cut,
        collar=collar,
        chest=invent_chest(rng, category, cut, fabric, kind),
        waist=invent_waist(rng, category, lower, kind),
        left_sleeve=left,
        right_sleeve=dataclasses.replace(left, print=None),
        closure=_closure(rng, category, kind),
        lining=_lining(rng, fabric, "outwear" in category),
        metal=metal_colour(rng),
        padding=_padding(rng, category, fabric),
    )


def _closure(rng: Rng, category: str, collar: str) -> str:
    if "outwear" in category:
        kinds = {"shirt": {"buttons": 6, "snaps": 3, "zip": 1}, "lapel": {"buttons": 6, "double": 4}, "hood": {"zip": 8, "snaps": 1}}
        return choose(rng, kinds.get(collar, {"zip": 5, "buttons": 4, "snaps": 1}))
    if collar == "shirt":
        return choose(rng, {"buttons": 9, "snaps": 1})
    return "none"


def _lining(rng: Rng, fabric: Fabric, outer: bool) -> Fabric:
    if outer and rng.random() < 0.6:
        return invent_fabric(rng, {"satin": 1}, patterned=0.3)
    return Fabric("solid", (shaded(fabric.main, 0.95),), weave=fabric.weave, seed=fabric.seed)


def _padding(rng: Rng, category: str, fabric: Fabric) -> str:
    if "outwear" in category and fabric.weave == "nylon" and rng.random() < 0.65:
        return choose(rng, {"rows": 8, "diamonds": 3})
    return "none"


def invent_chest(rng: Rng, category: str, cut: Cut, fabric: Fabric, collar: str) -> Chest:
    """The front above the waist; prints mostly on plain tops without a closure."""
    plain = fabric.pattern in ("solid", "melange", "gradient")
    closed = "outwear" in category or collar in ("shirt", "lapel")
    chance = 0.06 if closed else 0.62 if plain and "dress" not in category else 0.12
    print_ = None
    if rng.random() < chance:
        print_ = invent_print(rng, fabric.main, cut.armpit[0] * 1.35)
        if closed:
            print_ = dataclasses.replace(print_, width=cut.armpit[0] * 0.3, place=(0.45, 0.3))
    shares: dict[str, float] = {"none": 60}
    if print_ is None:
        shares |= {"pocket": 9, "yoke": 5, "stripe": 5, "stripes": 4}
        if closed:
            shares |= {"pockets": 25, "yoke": 8}
        if "dress" in category:
            shares |= {"pleats": 10, "pocket": 1}
    return Chest(fabric, print_, choose(rng, shares), trim_of(rng, fabric, 1.0))


def invent_waist(rng: Rng, category: str, fabric: Fabric, collar: str) -> Waist:
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
    finish = choose(rng, finishes)
    accent = trim_of(rng, fabric, contrast if finish in ("contrast", "dipped") else 0.2, "rib" if finish == "rib" else "lace" if finish == "lace" else None)
    extra = choose(rng, extras)
    if extra == "belt":
        accent = trim_of(rng, fabric, 0.8, "leather")
    return Waist(fabric, finish, extra, accent)


def invent_sleeve(rng: Rng, category: str, cut: Cut, fabric: Fabric, collar: str) -> Sleeve:
    """A sleeve, a strap or the edge of an armhole."""
    if "sling" in category:
        return Sleeve("none", 0.0, float(rng.uniform(0.8, 3.0)), "strap", fabric, "none", trim_of(rng, fabric, 0.15))
    if "vest" in category:
        finish = choose(rng, {"stitch": 45, "binding": 40, "ruffle": 10})
        return Sleeve("none", 0.0, 0.0, finish, fabric, "none", trim_of(rng, fabric, 0.4))
    hole = cut.armpit[1] - cut.shoulder[1]
    if "short" in category:
        length = float(rng.choice([rng.uniform(9, 14), rng.uniform(16, 26), rng.uniform(28, 34)], p=[0.18, 0.7, 0.12]))
        opening = hole * float(rng.uniform(0.62, 0.85))
        kind = choose(rng, {"set": 70, "raglan": 12, "puff": 10, "bell": 8})
        finish = choose(rng, {"hem": 62, "contrast": 12, "narrow_rib": 10, "rolled": 8, "elastic": 5})
        extra = choose(rng, {"none": 78, "stripes": 5, "side": 4, "band": 8})
    else:
        short = rng.random() < 0.12
        length = float(rng.uniform(40, 48) if short else rng.uniform(54, 66))
        opening = float(rng.uniform(8.5, 13.0))
        kind = choose(rng, {"set": 72, "raglan": 12, "drop": 8, "bell": 6, "puff": 2})
        opening *= 1.7 if kind == "bell" else 1.0
        finish = choose(rng, {"hem": 35, "rib": 40, "contrast": 6, "elastic": 6})
        if collar == "shirt":
            finish = choose(rng, {"cuff": 85, "rolled": 15})
        extra = choose(rng, {"none": 76, "stripes": 7, "side": 4, "bands": 5, "lower": 5})
    wanted = finish in ("contrast", "rolled") or extra != "none"
    accent = trim_of(rng, fabric, 0.9 if wanted else 0.12, "rib" if finish in ("rib", "narrow_rib") else None)
    if finish == "cuff":
        accent = fabric
    patch = None
    if extra == "none" and rng.random() < 0.05:
        patch = invent_print(rng, fabric.main, 7.0)
    return Sleeve(kind, length, opening, finish, fabric, extra, accent, patch)


def invent_waistband(rng: Rng, half: float, fabric: Fabric) -> Collar:
    """A waistband for trousers, shorts or a skirt."""
    kind = choose(rng, {"loops": 55, "drawstring": 15, "elastic": 15, "plain": 12, "buckle": 5} if fabric.weave in ("denim", "twill") else {"loops": 20, "drawstring": 32, "elastic": 28, "plain": 20})
    trim = fabric if kind == "loops" or rng.random() < 0.6 else trim_of(rng, fabric, 0.5, "rib" if kind in ("elastic", "drawstring") else None)
    return Collar(kind, half, float(rng.uniform(0.4, 2.2)), float(rng.uniform(2.6, 5.5)), trim)


def invent_hips(rng: Rng, category: str, fabric: Fabric) -> Chest:
    """Front pockets and their like."""
    extra = choose(rng, {"slant": 55, "none": 22, "zip": 8, "patch": 8, "flap": 5})
    print_ = None
    if rng.random() < (0.12 if category == "shorts" else 0.05):
        print_ = dataclasses.replace(invent_print(rng, fabric.main, 9.0), place=(0.55, 0.6))
    return Chest(fabric, print_, extra, trim_of(rng, fabric, 0.15))


def invent_leg(rng: Rng, category: str, length: float, thigh: float, fabric: Fabric) -> Sleeve:
    """A leg whose outer seam has this length and whose thigh has this half width, in cm."""
    if category == "shorts":
        kind, opening = "straight", thigh * float(rng.uniform(0.85, 1.08))
        finish = choose(rng, {"hem": 65, "rolled": 14, "contrast": 10, "elastic": 5, "raw": 6})
        extra = choose(rng, {"none": 70, "side": 10, "stripes": 8, "cargo": 10})
    else:
        kind = choose(rng, {"skinny": 35, "straight": 35, "wide": 14, "flared": 12})
        low, high = {"skinny": (0.45, 0.58), "straight": (0.62, 0.8), "wide": (0.95, 1.15), "flared": (0.9, 1.1)}[kind]
        opening = thigh * float(rng.uniform(low, high))
        finish = choose(rng, {"hem": 66, "rib": 14 if kind == "skinny" else 2, "rolled": 8, "contrast": 3, "elastic": 5})
        extra = choose(rng, {"none": 62, "side": 8, "stripes": 8, "cargo": 8, "rips": 8, "knee": 5})
    weave = "rib" if finish == "rib" else None
    return Sleeve(kind, length, opening, finish, fabric, extra, trim_of(rng, fabric, 0.9 if extra in ("side", "stripes") else 0.3, weave))


def _invent_legs(rng: Rng, category: str) -> Design:
    points = symmetric_landmarks(category)
    unit = _TALL[category] / float(points["leg_right_outer"][1])
    girth = float(rng.normal(1.0, 0.09))
    waist = float(points["waistband_right"][0]) * unit * girth * float(rng.uniform(0.9, 1.05)) * (0.92 if category == "shorts" else 1.0)
    length = _TALL[category] * (float(np.clip(rng.normal(1, 0.06), 0.8, 1.15)) if category == "trousers" else float(rng.uniform(0.62, 1.2)))
    rise = float(points["crotch"][1]) * unit * float(rng.normal(1.0, 0.06))
    rise = min(max(rise, 20.0), length * 0.72)
    hip = (waist * float(rng.uniform(1.1, 1.28)), rise * 0.72)
    fabric = invent_fabric(rng, _WEAVES["legs"], patterned=0.5)
    leg = invent_leg(rng, category, length, hip[0], fabric)
    elastic = invent_waistband(rng, waist, fabric)
    return Design(
        category=category,
        cut=Cut((0.0, 0.0), (0.0, rise), (waist, 0.0), hip, (hip[0], length)),
        collar=elastic,
        chest=invent_hips(rng, category, fabric),
        waist=Waist(fabric, "hem", "none", leg.accent),
        left_sleeve=leg,
        right_sleeve=leg,
        closure="zip" if elastic.kind in ("loops", "buckle") else choose(rng, {"none": 8, "buttons": 2}),
        lining=_lining(rng, fabric, False),
        metal=metal_colour(rng),
    )


def _invent_skirt(rng: Rng) -> Design:
    waist = float(rng.uniform(31, 40) / 2)
    length = float(rng.choice([rng.uniform(32, 45), rng.uniform(45, 62), rng.uniform(62, 88)], p=[0.4, 0.38, 0.22]))
    flare = float(rng.choice([rng.uniform(0.9, 1.15), rng.uniform(1.25, 1.7), rng.uniform(1.8, 2.5)], p=[0.35, 0.4, 0.25]))
    hip = (waist * (1.18 if flare < 1.2 else 1 + (flare - 1) * 0.36), min(19.0, length * 0.42))
    fabric = invent_fabric(rng, {"denim": 20, "twill": 12, "plain": 25, "satin": 12, "jersey": 14, "leather": 6, "lace": 5, "corduroy": 4}, patterned=0.9)
    lower = fabric if rng.random() < 0.85 else trim_of(rng, fabric, 1.0)
    collar = invent_waistband(rng, waist, fabric)
    finish = choose(rng, {"hem": 45, "wavy": 40 if flare > 1.25 else 0, "contrast": 10, "lace": 8})
    half = Sleeve("half", length, 0.0, "hem", fabric, choose(rng, {"none": 75, "side": 6, "slit": 8, "cargo": 6}), trim_of(rng, fabric, 0.6))
    return Design(
        category="skirt",
        cut=Cut((0.0, 0.0), (0.0, length * 0.5), (waist, 0.0), hip, (waist * flare, length)),
        collar=collar,
        chest=invent_hips(rng, "skirt", fabric),
        waist=Waist(lower, finish, "none", trim_of(rng, fabric, 0.7, "lace" if finish == "lace" else None)),
        left_sleeve=half,
        right_sleeve=dataclasses.replace(half, extra="none"),
        closure=choose(rng, {"none": 70, "buttons": 22, "zip": 8}),
        lining=_lining(rng, fabric, False),
        metal=metal_colour(rng),
    )
