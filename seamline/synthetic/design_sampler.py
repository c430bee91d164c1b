"""New designs: a category's typical proportions, varied, in random cloth, prints and trims."""

from __future__ import annotations

import dataclasses

import numpy as np

from seamline.synthetic.bottom_parts import random_hips, random_leg, random_waistband
from seamline.synthetic.cloth import Rng, random_fabric, trim_of, weighted_choice
from seamline.synthetic.design import BODICE_TOP, PRINT_TOP, Chest, Collar, Colour, Cut, Design, Fabric, Sleeve, Waist
from seamline.synthetic.palette import contrasting, metal_colour, shaded
from seamline.synthetic.proportions import LENGTHS, torso_cut
from seamline.synthetic.templates import symmetric_landmarks
from seamline.synthetic.torso_parts import collar_kinds, random_chest, random_collar, random_sleeve, random_waist


def hard_negative(design: Design, rng: Rng) -> Design:
    """Another design that is easily taken for this one: the same category and main colour, nothing else in common."""
    other = random_design(rng, design.category)
    return _recoloured(other, other.chest.fabric.main, design.chest.fabric.main)


def _recoloured(design: Design, old: Colour, new: Colour) -> Design:
    """The design with cloth of the colour `old` in `new`."""

    def dye(fabric: Fabric) -> Fabric:
        return dataclasses.replace(fabric, colours=(new, *fabric.colours[1:])) if fabric.main == old else fabric

    def sleeve(part: Sleeve) -> Sleeve:
        return dataclasses.replace(part, fabric=dye(part.fabric), accent=dye(part.accent))

    return dataclasses.replace(
        design,
        collar=dataclasses.replace(design.collar, trim=dye(design.collar.trim)),
        chest=dataclasses.replace(design.chest, fabric=dye(design.chest.fabric)),
        waist=dataclasses.replace(design.waist, fabric=dye(design.waist.fabric)),
        left_sleeve=sleeve(design.left_sleeve),
        right_sleeve=sleeve(design.right_sleeve),
        lining=dye(design.lining),
    )


def random_design(rng: Rng, category: str) -> Design:
    """A new design of this category. Raises KeyError for a name that is not a category."""
    if category in ("shorts", "trousers"):
        return _random_legs(rng, category)
    if category == "skirt":
        return _random_skirt(rng)
    return _random_torso(rng, category)


_WEAVES: dict[str, dict[str, float]] = {
    "short": {"jersey": 75, "plain": 10, "knit": 5, "satin": 5, "lace": 2},
    "long": {"jersey": 35, "knit": 25, "cable": 6, "fleece": 14, "plain": 10, "satin": 3},
    "shirt": {"plain": 65, "denim": 12, "satin": 10, "corduroy": 6, "twill": 7},
    "outwear": {"twill": 25, "plain": 12, "denim": 12, "leather": 10, "fleece": 14, "nylon": 20, "knit": 7},
    "dress": {"plain": 35, "jersey": 30, "satin": 18, "knit": 6, "lace": 5, "denim": 3},
    "legs": {"denim": 38, "twill": 27, "jersey": 10, "plain": 12, "corduroy": 5, "leather": 3, "nylon": 5},
    "skirt": {
        "denim": 20, "twill": 12, "plain": 25, "satin": 12, "jersey": 14, "leather": 6, "lace": 5, "corduroy": 4,
    },
}  # fmt: skip


def _body_fabric(rng: Rng, category: str, collar: str) -> Fabric:
    if "outwear" in category:
        return random_fabric(rng, _WEAVES["outwear"], patterned=0.3)
    if "dress" in category:
        return random_fabric(rng, _WEAVES["dress"], patterned=0.95)
    if collar == "shirt":
        return random_fabric(rng, _WEAVES["shirt"], patterned=1.0)
    if "long" in category:
        return random_fabric(rng, _WEAVES["long"], patterned=0.6 if collar == "hood" else 0.85)
    return random_fabric(rng, _WEAVES["short"], patterned=0.75)


def _random_torso(rng: Rng, category: str) -> Design:
    cut, neck = torso_cut(rng, category)
    kind = weighted_choice(rng, collar_kinds(category))
    fabric = _body_fabric(rng, category, kind)
    lower, sleeve_cloth = fabric, fabric
    blocks = rng.random()
    if blocks < 0.07 or ("dress" in category and blocks < 0.2):
        lower = random_fabric(rng, {fabric.weave: 1}, contrasting(rng, fabric.main, 0.2), patterned=0.4)
    if 0.2 < blocks < 0.3:
        sleeve_cloth = trim_of(rng, fabric, 1.0)
    collar = random_collar(rng, kind, neck, fabric, 0.5 * cut.armpit[1] if "sling" in category else 40.0)
    if kind == "hood" and rng.random() < 0.7:
        collar = dataclasses.replace(collar, trim=fabric)
    left = random_sleeve(rng, category, cut, sleeve_cloth, kind)
    return Design(
        category=category,
        cut=cut,
        collar=collar,
        chest=_below_neckline(random_chest(rng, category, cut, fabric, kind), cut, collar, "sling" in category),
        waist=random_waist(rng, category, lower, kind),
        left_sleeve=left,
        right_sleeve=dataclasses.replace(left, print=None),
        closure=_closure(rng, category, kind),
        lining=_lining(rng, fabric, "outwear" in category),
        metal=metal_colour(rng),
        padding=_padding(rng, category, fabric),
    )


def _below_neckline(chest: Chest, cut: Cut, collar: Collar, sling: bool) -> Chest:
    """The chest with its print moved down and made smaller where the neckline is deep."""
    if chest.print is None:
        return chest
    top = collar.depth + collar.band + (BODICE_TOP * cut.armpit[1] if sling else 0.0)
    width = min(chest.print.width, max(8.0, 0.95 * (cut.waist[1] - top)))
    across, down = chest.print.place
    if width > 12 or sling:
        down = max(down, (top + 2.0 + 0.5 * width - PRINT_TOP) / (cut.waist[1] - PRINT_TOP))
    moved = dataclasses.replace(chest.print, width=width, place=(across, down))
    return dataclasses.replace(chest, print=moved)


def _closure(rng: Rng, category: str, collar: str) -> str:
    if "outwear" in category:
        kinds = {
            "shirt": {"buttons": 6, "snaps": 3, "zip": 1},
            "lapel": {"buttons": 6, "double": 4},
            "hood": {"zip": 8, "snaps": 1},
        }
        return weighted_choice(rng, kinds.get(collar, {"zip": 5, "buttons": 4, "snaps": 1}))
    if collar == "shirt":
        return weighted_choice(rng, {"buttons": 9, "snaps": 1})
    return "none"


def _lining(rng: Rng, fabric: Fabric, outer: bool) -> Fabric:
    if outer and rng.random() < 0.6:
        return random_fabric(rng, {"satin": 1}, patterned=0.3)
    return Fabric("solid", (shaded(fabric.main, 0.95),), weave=fabric.weave, seed=fabric.seed)


def _padding(rng: Rng, category: str, fabric: Fabric) -> str:
    if "outwear" in category and fabric.weave == "nylon" and rng.random() < 0.65:
        return weighted_choice(rng, {"rows": 8, "diamonds": 3})
    return "none"


def _random_legs(rng: Rng, category: str) -> Design:
    points = symmetric_landmarks(category)
    unit = LENGTHS[category] / float(points["leg_right_outer"][1])
    girth = float(rng.normal(1.0, 0.09))
    waist = float(points["waistband_right"][0]) * unit * girth * float(rng.uniform(0.9, 1.05))
    waist *= 0.92 if category == "shorts" else 1.0
    length = LENGTHS[category] * (
        float(np.clip(rng.normal(1, 0.06), 0.8, 1.15)) if category == "trousers" else float(rng.uniform(0.62, 1.2))
    )
    rise = float(points["crotch"][1]) * unit * float(rng.normal(1.0, 0.06))
    rise = min(max(rise, 20.0), length * 0.72)
    hip = (waist * float(rng.uniform(1.1, 1.28)), rise * 0.72)
    fabric = random_fabric(rng, _WEAVES["legs"], patterned=0.5)
    leg = random_leg(rng, category, length, hip[0], fabric)
    elastic = random_waistband(rng, waist, fabric)
    return Design(
        category=category,
        cut=Cut((0.0, 0.0), (0.0, rise), (waist, 0.0), hip, (hip[0], length)),
        collar=elastic,
        chest=random_hips(rng, category, fabric),
        waist=Waist(fabric, leg.finish, "none", trim_of(rng, fabric, 0.3, "rib" if leg.finish == "rib" else None)),
        left_sleeve=leg,
        right_sleeve=leg,
        closure="zip" if elastic.kind in ("loops", "buckle") else weighted_choice(rng, {"none": 8, "buttons": 2}),
        lining=_lining(rng, fabric, False),
        metal=metal_colour(rng),
    )


def _random_skirt(rng: Rng) -> Design:
    waist = float(rng.uniform(31, 40) / 2)
    length = float(rng.choice([rng.uniform(32, 45), rng.uniform(45, 62), rng.uniform(62, 88)], p=[0.4, 0.38, 0.22]))
    flare = float(
        rng.choice([rng.uniform(0.9, 1.15), rng.uniform(1.25, 1.7), rng.uniform(1.8, 2.5)], p=[0.35, 0.4, 0.25])
    )
    hip = (waist * (1.18 if flare < 1.2 else 1 + (flare - 1) * 0.36), min(19.0, length * 0.42))
    fabric = random_fabric(rng, _WEAVES["skirt"], patterned=0.9)
    lower = fabric if rng.random() < 0.85 else trim_of(rng, fabric, 1.0)
    collar = random_waistband(rng, waist, fabric)
    finish = weighted_choice(rng, {"hem": 45, "wavy": 40 if flare > 1.25 else 0, "contrast": 10, "lace": 8})
    extra = weighted_choice(rng, {"none": 75, "side": 6, "slit": 8, "cargo": 6})
    half = Sleeve("half", length, 0.0, "hem", fabric, extra, trim_of(rng, fabric, 0.6))
    return Design(
        category="skirt",
        cut=Cut((0.0, 0.0), (0.0, length * 0.5), (waist, 0.0), hip, (waist * flare, length)),
        collar=collar,
        chest=random_hips(rng, "skirt", fabric),
        waist=Waist(lower, finish, "none", trim_of(rng, fabric, 0.7, "lace" if finish == "lace" else None)),
        left_sleeve=half,
        right_sleeve=dataclasses.replace(half, extra="none"),
        closure=weighted_choice(rng, {"none": 70, "buttons": 22, "zip": 8}),
        lining=_lining(rng, fabric, False),
        metal=metal_colour(rng),
    )
