"""How far a copy's photo may be from the original's: every number of publishing."""

from __future__ import annotations

import dataclasses

Range = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Publishing:
    """Ranges that are drawn from evenly, and probabilities.

    Place. `own_background`: the original's photo is used, garment and background together; `same_background`:
    otherwise, the garment is laid anew on the original's background; `procedural`: otherwise, the background is
    procedural instead of taken from another photo; `shadow`: share of light that the garment takes from the background
    beside it. Camera. `fill`: share of the picture that the garment takes; `crop`: part of the garment is out of the
    picture, by `crop_depth` of its side; `square`: the picture is square; `turn`: degrees to either side; `tilt`: how
    far a corner of the picture moves, as a share of its side; `bend`: how far cloth moves, as a share of the garment's
    longer side; `mirror`. Light. `exposure`, `contrast`, `balance`: exponents of e, to either side; `fall_off`: share
    of the light lost across the picture; `shade`: something casts a shadow that takes `shade_depth` of the light.
    Things. `occlusion`, `sticker`: something covers the garment or the picture, `thing_size` of the garment long (a
    sticker half of that). File. `watermark` of `watermark_strength`; `softness`: blur in pixels; `noise`: in levels of
    255; `size`: of the photo's own; `quality`: of the JPEG.
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
    thing_size: Range
    watermark: float
    watermark_strength: Range
    softness: Range
    noise: Range
    size: Range
    quality: Range
