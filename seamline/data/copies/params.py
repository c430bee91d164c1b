"""Every number of a copy: how strongly its regions are edited, and which; how far its photo is from the original's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

Shares = Mapping[str, float]
Range = tuple[float, float]

EDIT_SHARES: dict[str, float] = {
    "recolour": 10, "plain cloth": 8, "pattern": 14, "source cloth": 10, "mosaic": 3, "mirrored": 3, "motif": 12,
    "text": 6, "logo": 6, "source print": 8, "bands": 4, "collar band": 10, "placket": 3, "pockets": 3, "neck": 12,
    "shorter": 10, "source part": 14,
}  # fmt: skip
"""Kind of edit -> its share where no level says otherwise."""


@dataclasses.dataclass(frozen=True)
class EditParams:
    """Ranges and probabilities of a redesign.

    `two_regions`: probability that two regions change, not one; `sleeve_pairs`: that both sleeves (or legs) change
    where the first choice falls on one. `edits`: kind of edit -> its share (see `redesign.EDITS`). `contrast`: least
    and largest distance in CIELAB of a new main colour from the old one. `size`: least and largest width of a print, as
    a share of the part's. `matching`: probability that a second region gets the same edit in the same colours as the
    first; a pair of sleeves always does. `harmonised`: probability that a source's part is dyed in the garment's
    colour. `similar_sources`: probability that of the sources only those of about the garment's main colour are used.
    `least_change`: share of a region's pixels that must look different afterwards. `shares`: category -> five shares
    with which regions are chosen, where they differ from `region_shares`. `keeps_outline`: nothing but pixels of the
    garment's mask changes, and edits of its shape are left out, as on a person, whose hair and bag lie over it.
    """

    two_regions: float = 0.5
    edits: Shares = dataclasses.field(default_factory=lambda: dict(EDIT_SHARES))
    contrast: tuple[float, float] = (24.0, 90.0)
    size: tuple[float, float] = (0.45, 0.95)
    sleeve_pairs: float = 0.75
    matching: float = 0.4
    harmonised: float = 0.5
    similar_sources: float = 0.2
    least_change: float = 0.12
    shares: Mapping[str, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    keeps_outline: bool = False


@dataclasses.dataclass(frozen=True)
class PhotoParams:
    """Ranges that are drawn from evenly, and probabilities.

    Background. `own_background`: the original's photo is used, garment and background together; `same_background`:
    otherwise, the garment is laid anew on the original's background; `procedural`: otherwise, the background is
    procedural instead of taken from another photo; `shadow`: share of light that the garment takes from what is beside
    it.
    Camera. `fill`: share of the picture that the garment takes; `crop`: part of the garment is out of the picture,
    by `crop_depth` of its side; `square`: the picture is square; `turn`: degrees to either side; `tilt`: how far a
    corner of the picture moves, as a share of its side; `bend`: how far cloth moves, as a share of the garment's
    longer side; `mirror`.
    Light. `exposure`, `contrast`, `balance`: exponents of e, to either side; `fall_off`: share of the light lost
    across the picture; `shade`: something casts a shadow that takes `shade_depth` of the light.
    Occluders. `occlusion`, `sticker`: something covers the garment or the picture, `occluder_size` of the garment
    long (a sticker half of that).
    File. `watermark` of `watermark_opacity`; `softness`: blur in pixels; `noise`: in levels of 255; `size`: of the
    photo's own; `quality`: of the JPEG.
    """

    own_background: float
    same_background: float
    procedural: float
    shadow: Range
    fill: Range
    crop: float
    crop_depth: Range
    square: float
    turn: float
    tilt: float
    bend: float
    mirror: float
    exposure: float
    contrast: float
    balance: float
    fall_off: Range
    shade: float
    shade_depth: Range
    occlusion: float
    sticker: float
    occluder_size: Range
    watermark: float
    watermark_opacity: Range
    softness: Range
    noise: Range
    size: Range
    quality: Range


_TOPS = (0.18, 0.40, 0.18, 0.12, 0.12)
_SHIRTS = (0.27, 0.21, 0.14, 0.19, 0.19)
_REGION_SHARES: dict[str, tuple[float, ...]] = {
    "short sleeve top": _TOPS,
    "long sleeve top": (0.22, 0.32, 0.16, 0.15, 0.15),
    "short sleeve outwear": _SHIRTS,
    "long sleeve outwear": _SHIRTS,
    "vest": (0.24, 0.42, 0.22, 0.06, 0.06),
    "sling": (0.16, 0.42, 0.22, 0.1, 0.1),
    "shorts": (0.16, 0.34, 0.2, 0.15, 0.15),
    "trousers": (0.14, 0.26, 0.24, 0.18, 0.18),
    "skirt": (0.18, 0.22, 0.26, 0.17, 0.17),
    "short sleeve dress": (0.2, 0.28, 0.28, 0.12, 0.12),
    "long sleeve dress": (0.2, 0.26, 0.26, 0.14, 0.14),
    "vest dress": (0.24, 0.32, 0.32, 0.06, 0.06),
    "sling dress": (0.18, 0.32, 0.32, 0.09, 0.09),
}


def region_shares(category: str) -> tuple[float, ...]:
    """Shares with which the five regions of such a garment are chosen: prints on the chest of T-shirts above all,
    collar and sleeves of shirts and outwear."""
    return _REGION_SHARES.get(category, _TOPS)
