"""Copies: a design with one or two of its five regions changed, as PS-Net defines them (Lang et al., CVPR 2020)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from seamline.synthetic.bottom_parts import random_leg, random_waistband
from seamline.synthetic.cloth import random_print, trim_of, weighted_choice
from seamline.synthetic.design import Chest, Collar, Design, Fabric, Sleeve, Waist
from seamline.synthetic.palette import contrast, contrasting
from seamline.synthetic.torso_parts import collar_kinds, random_chest, random_collar, random_sleeve, random_waist

_LEGS = ("shorts", "trousers")
_BOTTOMS = (*_LEGS, "skirt")
_LEG_FINISHES = {"hem": 1, "rolled": 1, "contrast": 2, "rib": 1}
_SKIRT_FINISHES = {"hem": 1, "contrast": 1, "lace": 1, "dipped": 1}

CHANGES: dict[tuple[str, ...], float] = {
    (): 8, ("collar",): 16, ("chest",): 24, ("waist",): 16, ("left_sleeve", "right_sleeve"): 14, ("left_sleeve",): 4,
    ("collar", "chest"): 8, ("chest", "waist"): 6, ("collar", "waist"): 4,
}  # fmt: skip
"""Regions that a copy changes -> how often; none is a whole copy."""


def random_changes(rng: np.random.Generator) -> tuple[str, ...]:
    """The regions that a new copy changes, at most two."""
    shares = np.array(list(CHANGES.values()))
    return list(CHANGES)[int(rng.choice(len(shares), p=shares / shares.sum()))]


def redesign(design: Design, regions: Sequence[str], rng: np.random.Generator) -> Design:
    """The design with another look in each of the named regions. Raises KeyError for a name that is not a region."""
    for region in regions:
        design = _CHANGE[region](design, rng)
    return design


def _other_collar(design: Design, rng: np.random.Generator) -> Design:
    old, fabric = design.collar, design.chest.fabric
    if design.category in _BOTTOMS:
        return dataclasses.replace(design, collar=_other_waistband(design, rng))
    kinds = {kind: share for kind, share in collar_kinds(design.category).items() if kind != old.kind}
    if design.closure != "none":
        kinds = {
            kind: share for kind, share in kinds.items() if kind in ("stand", "hood", "shirt", "lapel", "crew", "v")
        }
    sling = "sling" in design.category
    deepest = 0.5 * design.cut.armpit[1] if sling else 40.0
    if design.chest.print is not None:
        # A deeper neckline would cut into the print, which this copy keeps.
        deepest = old.depth if sling else max(old.depth, 11.0)
    new = random_collar(rng, weighted_choice(rng, kinds or {"stand": 1}), old.half, fabric, deepest)
    new = dataclasses.replace(new, half=old.half)
    if contrast(new.trim.main, old.trim.main) < 0.1 and rng.random() < 0.5:
        new = dataclasses.replace(new, trim=trim_of(rng, fabric, 1.0))
    return dataclasses.replace(design, collar=new)


def _other_waistband(design: Design, rng: np.random.Generator) -> Collar:
    old = design.collar
    for _ in range(20):
        new = random_waistband(rng, old.half, design.chest.fabric)
        if new.kind != old.kind:
            break
    trim = trim_of(rng, design.chest.fabric, 1.0)
    return dataclasses.replace(new, band=old.band, depth=old.depth, trim=trim)


def _other_chest(design: Design, rng: np.random.Generator) -> Design:
    old = design.chest
    if design.category in _BOTTOMS:
        return dataclasses.replace(design, chest=_other_hips(design, rng))
    new = old
    for _ in range(30):
        new = random_chest(rng, design.category, design.cut, old.fabric, design.collar.kind)
        if _looks_other(old, new):
            break
    else:
        new = dataclasses.replace(new, print=random_print(rng, old.fabric.main, design.cut.armpit[0] * 1.2))
    return dataclasses.replace(design, chest=new)


def _other_hips(design: Design, rng: np.random.Generator) -> Chest:
    """Pockets in another cloth, or a print; other seams alone would hardly show."""
    old = design.chest
    new = dataclasses.replace(
        old, extra=weighted_choice(rng, {kind: 1.0 for kind in ("patch", "flap", "zip") if kind != old.extra})
    )
    if rng.random() < 0.4:
        small = dataclasses.replace(random_print(rng, old.fabric.main, 12.0), width=9.0, place=(0.55, 0.6))
        new = dataclasses.replace(old, print=small if old.print is None else None)
    return dataclasses.replace(new, accent=trim_of(rng, old.fabric, 1.0))


def _looks_other(old: Chest, new: Chest) -> bool:
    if (new.print is None) != (old.print is None):
        return True
    if new.print is not None and old.print is not None:
        return new.print.kind != old.print.kind
    # Pleats and a pocket of the same cloth hardly show.
    return new.extra != old.extra and not {new.extra, old.extra} <= {"none", "pleats", "pocket"}


def _other_waist(design: Design, rng: np.random.Generator) -> Design:
    old = design.waist
    new = old
    for _ in range(30):
        new = random_waist(rng, design.category, old.fabric, design.collar.kind)
        if design.category in _BOTTOMS:
            finish = weighted_choice(rng, _LEG_FINISHES if design.category in _LEGS else _SKIRT_FINISHES)
            new = Waist(old.fabric, finish, "none", trim_of(rng, old.fabric, 1.0))
        if new.finish != old.finish or new.extra != old.extra:
            break
    if design.category in _BOTTOMS:
        return dataclasses.replace(design, waist=new)
    if rng.random() < 0.5 and old.fabric.pattern == "solid":
        new = dataclasses.replace(
            new, fabric=dataclasses.replace(trim_of(rng, old.fabric, 1.0), weave=old.fabric.weave)
        )
    tall = design.cut.hem[1] - design.cut.waist[1]
    drop = float(rng.choice([-1, 1]) * rng.uniform(0.08, 0.22) * tall) if rng.random() < 0.5 else 0.0
    return dataclasses.replace(design, waist=dataclasses.replace(new, hem_drop=drop))


def _other_left(design: Design, rng: np.random.Generator) -> Design:
    return dataclasses.replace(design, left_sleeve=_follow(design, design.left_sleeve, design.right_sleeve, rng))


def _other_right(design: Design, rng: np.random.Generator) -> Design:
    return dataclasses.replace(design, right_sleeve=_follow(design, design.right_sleeve, design.left_sleeve, rng))


def _follow(design: Design, old: Sleeve, twin: Sleeve, rng: np.random.Generator) -> Sleeve:
    """Another sleeve; garments are mostly symmetric, so one changed after its twin follows it."""
    if dataclasses.replace(twin, print=None) != dataclasses.replace(old, print=None):
        return dataclasses.replace(twin, print=old.print)
    return _new_sleeve(design, old, rng)


def _other_trim(fabric: Fabric, old: Fabric, rng: np.random.Generator) -> Fabric:
    """A trim that can be told from the cloth and from the old trim."""
    trim = trim_of(rng, fabric, 1.0)
    for _ in range(12):
        if contrast(trim.main, old.main) > 0.25:
            break
        trim = dataclasses.replace(trim, colours=(contrasting(rng, old.main, 0.3),))
    return trim


def _new_sleeve(design: Design, old: Sleeve, rng: np.random.Generator) -> Sleeve:
    if design.category == "skirt":
        extra = weighted_choice(rng, {kind: 1.0 for kind in ("side", "slit", "cargo", "stripes") if kind != old.extra})
        return dataclasses.replace(old, extra=extra, accent=_other_trim(old.fabric, old.accent, rng))
    if design.category in _LEGS:
        for _ in range(30):
            new = random_leg(rng, design.category, old.length, design.cut.hip[0], old.fabric)
            if new.extra not in ("none", old.extra):
                break
        return dataclasses.replace(
            new, length=old.length, opening=old.opening, accent=_other_trim(old.fabric, old.accent, rng)
        )
    if "sling" in design.category:
        return dataclasses.replace(old, accent=_other_trim(old.fabric, old.accent, rng))
    cloth = (
        trim_of(rng, old.fabric, 1.0, old.fabric.weave) if rng.random() < 0.45 and old.kind != "none" else old.fabric
    )
    for _ in range(30):
        new = random_sleeve(rng, design.category, design.cut, cloth, design.collar.kind)
        if new.extra != old.extra or new.finish != old.finish or cloth != old.fabric:
            break
    if old.kind == "none":
        finish = "ruffle" if old.finish == "binding" else "binding"
        new = dataclasses.replace(new, finish=finish, accent=_other_trim(old.fabric, old.accent, rng))
    return new


_CHANGE: dict[str, Callable[[Design, np.random.Generator], Design]] = {
    "collar": _other_collar, "chest": _other_chest, "waist": _other_waist, "left_sleeve": _other_left,
    "right_sleeve": _other_right,
}  # fmt: skip
