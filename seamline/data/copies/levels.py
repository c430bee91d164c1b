"""How hard copies are to recognise: three levels, every number of which is fixed here.

The figures of a benchmark hold for one `LEVELS_VERSION`; it changes with any number, and with any change of the
code here that gives other pixels for the same seed.

easy: image theft and lazy copies. Many copies are the original's own picture; the others are laid anew at the same
place, hardly turned, in similar light. Mostly one region gets a plainly different colour or print.
medium: what a copyist does who has the garment at hand. It is laid anew, mostly at the original's place, in other
sizes and positions and a little other light; now and then an object lies on it, or a name across it. Mostly one region
is redesigned, by any kind of edit. Its strength is set so that untrained features reach the figures in
`docs/benchmark-levels.md`.
hard: another photographer, elsewhere, with another camera: tilted, cropped, dim, partly hidden, strongly compressed.
Mostly two regions are redesigned, with cloth and parts of other garments.
"""

from __future__ import annotations

import dataclasses

from seamline.data.copies.params import EDIT_SHARES, EditParams, PhotoParams

LEVELS_VERSION = 2


@dataclasses.dataclass(frozen=True)
class Level:
    """A level of difficulty: how regions are redesigned, and what happens between the two photos."""

    name: str
    version: int
    edit: EditParams
    photo: PhotoParams


_EASY = PhotoParams(
    own_background=0.3, same_background=0.85, procedural=0.2, shadow=(0.2, 0.4),
    fill=(0.75, 0.95), crop=0.0, crop_depth=(0.0, 0.0), square=0.05, turn=2.5, tilt=0.005, bend=0.003, mirror=0.04,
    exposure=0.07, contrast=0.06, balance=0.02, fall_off=(0.0, 0.12), shade=0.03, shade_depth=(0.1, 0.2),
    occlusion=0.0, sticker=0.02, occluder_size=(0.15, 0.3),
    watermark=0.06, watermark_opacity=(0.15, 0.3), softness=(0.0, 0.25), noise=(0.0, 1.0), size=(0.94, 1.0),
    quality=(75, 92),
)  # fmt: skip
_MEDIUM = PhotoParams(
    own_background=0.05, same_background=0.85, procedural=0.2, shadow=(0.2, 0.4),
    fill=(0.36, 0.92), crop=0.03, crop_depth=(0.02, 0.1), square=0.25, turn=4.5, tilt=0.012, bend=0.005, mirror=0.08,
    exposure=0.12, contrast=0.1, balance=0.035, fall_off=(0.0, 0.2), shade=0.1, shade_depth=(0.1, 0.3),
    occlusion=0.04, sticker=0.04, occluder_size=(0.2, 0.4),
    watermark=0.1, watermark_opacity=(0.15, 0.4), softness=(0.0, 0.3), noise=(0.0, 1.5), size=(0.88, 1.0),
    quality=(65, 92),
)  # fmt: skip
_HARD = PhotoParams(
    own_background=0.02, same_background=0.25, procedural=0.25, shadow=(0.25, 0.5),
    fill=(0.45, 0.98), crop=0.15, crop_depth=(0.03, 0.18), square=0.25, turn=13.0, tilt=0.04, bend=0.016, mirror=0.25,
    exposure=0.28, contrast=0.24, balance=0.08, fall_off=(0.0, 0.4), shade=0.25, shade_depth=(0.15, 0.45),
    occlusion=0.15, sticker=0.08, occluder_size=(0.25, 0.5),
    watermark=0.2, watermark_opacity=(0.2, 0.5), softness=(0.0, 1.0), noise=(0.0, 5.0), size=(0.6, 1.0),
    quality=(40, 85),
)  # fmt: skip

_EASY_EDITS = EditParams(
    two_regions=0.15, sleeve_pairs=0.3, contrast=(40.0, 120.0), size=(0.4, 0.8), matching=0.6, similar_sources=0.0,
    least_change=0.1,
    edits={"recolour": 6, "plain cloth": 6, "pattern": 5, "motif": 4, "text": 2, "bands": 2, "collar band": 3},
)  # fmt: skip
_MEDIUM_EDITS = EditParams(
    two_regions=0.25, sleeve_pairs=0.3,
    edits={
        **EDIT_SHARES, "recolour": 6, "plain cloth": 5, "pattern": 8, "source cloth": 6, "motif": 16, "text": 9,
        "logo": 9, "bands": 6, "pockets": 5, "placket": 5,
    },
)  # fmt: skip
_HARD_EDITS = EditParams(
    two_regions=0.8, contrast=(18.0, 70.0), size=(0.6, 1.0), matching=0.3, harmonised=0.6, similar_sources=0.6,
    least_change=0.15,
    edits={
        **EDIT_SHARES, "recolour": 6, "plain cloth": 4, "mosaic": 1, "source cloth": 18, "source part": 22,
        "source print": 14,
    },
)  # fmt: skip

WORN_VERSION = 2

_WORN = PhotoParams(
    own_background=1.0, same_background=0.0, procedural=0.0, shadow=(0.0, 0.0),
    fill=(0.3, 0.95), crop=0.3, crop_depth=(0.05, 0.25), square=0.2, turn=25.0, tilt=0.06, bend=0.025, mirror=0.25,
    exposure=0.4, contrast=0.35, balance=0.2, fall_off=(0.0, 0.3), shade=0.25, shade_depth=(0.15, 0.45),
    occlusion=0.08, sticker=0.04, occluder_size=(0.2, 0.4),
    watermark=0.1, watermark_opacity=(0.15, 0.4), softness=(0.0, 1.5), noise=(0.0, 6.0), size=(0.35, 1.0),
    quality=(30, 80),
)  # fmt: skip
_WORN_EDITS = dataclasses.replace(
    _MEDIUM_EDITS, two_regions=0.7, sleeve_pairs=0.5, contrast=(30.0, 110.0), least_change=0.2, keeps_outline=True
)

WORN = Level("worn", WORN_VERSION, _WORN_EDITS, _WORN)
"""Garments on people (`worn.py`): redesigned where they are seen, then the whole photo, person and street included,
taken anew. It is no step between the other three and so not among them."""

CROSS_VERSION = 1

_CROSS = dataclasses.replace(
    _WORN, fill=(0.35, 0.9), crop=0.1, crop_depth=(0.02, 0.12), turn=12.0, tilt=0.025, bend=0.008, mirror=0.15,
    exposure=0.25, contrast=0.2, balance=0.08, shade=0.1, shade_depth=(0.1, 0.3), occlusion=0.0, softness=(0.0, 0.8),
    noise=(0.0, 3.0), size=(0.6, 1.0), quality=(50, 90),
)  # fmt: skip
_CROSS_EDITS = dataclasses.replace(_MEDIUM_EDITS, two_regions=0.4, keeps_outline=True)

CROSS = Level("cross", CROSS_VERSION, _CROSS_EDITS, _CROSS)
"""Garments laid flat, redesigned, and worn by people of other photos (`cross.py`). Not among LEVELS, as WORN."""

LEVELS = {
    level.name: level
    for level in (
        Level("easy", LEVELS_VERSION, _EASY_EDITS, _EASY),
        Level("medium", LEVELS_VERSION, _MEDIUM_EDITS, _MEDIUM),
        Level("hard", LEVELS_VERSION, _HARD_EDITS, _HARD),
    )
}
"""Name of a level -> the level."""
