"""What people call the regions: the five places have other names on trousers and skirts than on a shirt."""

from __future__ import annotations

from seamline.core.spec import MIRRORED

_SLEEVED = ("collar", "chest", "waist", "left sleeve", "right sleeve")
_SLEEVELESS = ("collar", "chest", "waist", "left shoulder", "right shoulder")
_LEGS = ("waistband", "hips", "lower legs", "left thigh", "right thigh")
_SKIRT = ("waistband", "upper part", "lower part", "left side", "right side")
_NAMES = {
    "vest": _SLEEVELESS,
    "sling": _SLEEVELESS,
    "vest dress": _SLEEVELESS,
    "sling dress": _SLEEVELESS,
    "shorts": _LEGS,
    "trousers": _LEGS,
    "skirt": _SKIRT,
}


def region_names(category: str) -> tuple[str, ...]:
    """What the five regions are called on a garment of this category."""
    return _NAMES.get(category, _SLEEVED)


def paired_names(category: str, other: str, *, mirrored: bool) -> tuple[tuple[str, str], ...]:
    """Per region of the first garment: its name, and that of the other garment's region that it is compared with."""
    names, others = region_names(category), region_names(other)
    order = MIRRORED if mirrored else range(len(others))
    return tuple(zip(names, (others[place] for place in order), strict=True))
