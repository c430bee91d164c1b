"""The shipped region rules: which landmarks span collar, chest, waist and sleeves of each kind of garment.

PS-Net (Lang et al., CVPR 2020) takes five regions from landmark geometry without publishing the rule. For tops,
outwear and dresses the collar is spanned by the neckline, the chest reaches from it to the waist-level points, the
waist from there to the hem. Trousers, shorts and skirts have no collar or sleeves; five other parts take those places
so that one index serves all garments: waistband, hips, lower legs, left and right thigh; of a skirt waistband, upper
and lower half, left and right side.
"""

from __future__ import annotations

from seamline.core.spec import CATEGORIES, LANDMARKS, ScoringSpec
from seamline.systems.psnet.spec import REGIONS, EncoderSpec, Point, PSNetSpec, RegionRule, RegionSpec, region_parts

_COLLAR = RegionRule(("neck_left", "neck_right", "neck_bottom"))
_CHEST = RegionRule(("neck_bottom", "armpit_left", "armpit_right", "waist_left", "waist_right"))
_WAIST = RegionRule(("waist_left", "waist_right", "hem_left", "hem_right"))


def _sleeve(side: str) -> RegionRule:
    return RegionRule((f"shoulder_{side}", f"armpit_{side}", f"cuff_{side}_outer", f"cuff_{side}_inner"))


def _strap(side: str) -> RegionRule:
    return RegionRule((f"neck_{side}", f"shoulder_{side}", f"armpit_{side}"), margin=0.1)


_WAISTBAND = RegionRule(("waistband_left", "waistband_right"), margin=0.08)
_HIPS = RegionRule(("waistband_left", "waistband_right", "crotch"))
_KNEE = 0.55
"""Where the lower part of a leg starts, as a share of the way from the crotch to the leg's end."""
_KNEE_OUTSIDE = 0.67
"""The same level on the outer seam, which starts at the waistband."""


def _knee(side: str) -> tuple[Point, Point]:
    return ("crotch", f"leg_{side}_inner", _KNEE), (f"waistband_{side}", f"leg_{side}_outer", _KNEE_OUTSIDE)


def _thigh(side: str) -> RegionRule:
    return RegionRule(("crotch", (f"waistband_{side}", f"leg_{side}_outer", 0.3), *_knee(side)), margin=0.02)


_LOWER_LEGS = RegionRule(
    (
        *_knee("left"),
        *_knee("right"),
        *(f"leg_{side}_{edge}" for side in ("left", "right") for edge in ("outer", "inner")),
    ),
    margin=0.02,
)


def _skirt_side(side: str) -> RegionRule:
    """The outer third of a skirt."""
    other = "right" if side == "left" else "left"
    inner = (f"waistband_{side}", f"waistband_{other}", 0.3), (f"hem_{side}", f"hem_{other}", 0.3)
    return RegionRule((f"waistband_{side}", f"hem_{side}", *inner))


_GROUPS = {
    "sleeved": (_COLLAR, _CHEST, _WAIST, _sleeve("left"), _sleeve("right")),
    "sleeveless": (_COLLAR, _CHEST, _WAIST, _strap("left"), _strap("right")),
    "legs": (_WAISTBAND, _HIPS, _LOWER_LEGS, _thigh("left"), _thigh("right")),
    "skirt": (
        _WAISTBAND,
        RegionRule(
            (
                "waistband_left",
                "waistband_right",
                ("waistband_left", "hem_left", 0.5),
                ("waistband_right", "hem_right", 0.5),
            )
        ),
        RegionRule(
            (("waistband_left", "hem_left", 0.5), ("waistband_right", "hem_right", 0.5), "hem_left", "hem_right")
        ),
        _skirt_side("left"),
        _skirt_side("right"),
    ),
}
_OTHER_GROUPS = {
    "vest": "sleeveless",
    "sling": "sleeveless",
    "vest dress": "sleeveless",
    "sling dress": "sleeveless",
    "shorts": "legs",
    "trousers": "legs",
    "skirt": "skirt",
}

DEFAULT_SPEC = PSNetSpec(
    system="psnet",
    parts=region_parts(EncoderSpec().dimension),
    scoring=ScoringSpec.of_parts(len(REGIONS)),
    landmarks=LANDMARKS,
    encoder=EncoderSpec(),
    regions=RegionSpec(
        groups=_GROUPS, group_of={category: _OTHER_GROUPS.get(category, "sleeved") for category in CATEGORIES}
    ),
)
"""The spec that training starts from; training replaces calibration and thresholds with what it measured."""
