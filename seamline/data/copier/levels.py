"""How hard copies are to recognise: three levels, every number of which is fixed here.

The figures of a benchmark hold for one `LEVELS_VERSION`; it changes with any number, and with any change of the
copier that gives other pixels for the same seed.

easy: image theft and lazy copies. The garment is laid on another ground, hardly turned, in similar light; redesigned
regions get a plainly different colour or print.
medium: what a copyist and another photographer do. Another ground in nearly every photo, other camera and light,
cloth that lies a little differently, now and then a hand, a sticker or a watermark, and a platform's compression.
hard: careful redesign, photographed badly: tilted, cropped, dim, partly hidden, small and strongly compressed.
"""

from __future__ import annotations

import dataclasses

from seamline.data.copier.publish import Publishing
from seamline.data.copier.redesign import EASY_REDESIGN, HARD_REDESIGN, MEDIUM_REDESIGN, Redesign

LEVELS_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Level:
    """A level of difficulty: how regions are redesigned, and what happens between the two photos."""

    name: str
    version: int
    redesign: Redesign
    publishing: Publishing


_EASY = Publishing(
    own_ground=0.25, same_place=0.0, made_up=0.25, shadow=(0.2, 0.4),
    fill=(0.8, 0.95), crop=0.0, crop_depth=(0.0, 0.0), square=0.1, turn=4.0, tilt=0.01, bend=0.006, mirror=0.15,
    exposure=0.1, contrast=0.1, balance=0.03, fall_off=(0.0, 0.15), shade=0.05, shade_depth=(0.1, 0.25),
    occlusion=0.03, sticker=0.05, thing_size=(0.15, 0.3),
    watermark=0.15, watermark_strength=(0.15, 0.35), softness=(0.0, 0.5), noise=(0.0, 2.0), size=(0.9, 1.0),
    quality=(70, 92),
)  # fmt: skip
_MEDIUM = Publishing(
    own_ground=0.06, same_place=0.0, made_up=0.25, shadow=(0.25, 0.5),
    fill=(0.65, 0.98), crop=0.12, crop_depth=(0.02, 0.15), square=0.2, turn=12.0, tilt=0.04, bend=0.018, mirror=0.25,
    exposure=0.25, contrast=0.22, balance=0.08, fall_off=(0.0, 0.35), shade=0.2, shade_depth=(0.15, 0.4),
    occlusion=0.12, sticker=0.06, thing_size=(0.25, 0.5),
    watermark=0.15, watermark_strength=(0.2, 0.5), softness=(0.0, 1.0), noise=(0.0, 5.0), size=(0.65, 1.0),
    quality=(45, 88),
)  # fmt: skip
_HARD = Publishing(
    own_ground=0.02, same_place=0.0, made_up=0.3, shadow=(0.25, 0.6),
    fill=(0.5, 1.0), crop=0.3, crop_depth=(0.05, 0.25), square=0.25, turn=25.0, tilt=0.08, bend=0.035, mirror=0.4,
    exposure=0.45, contrast=0.35, balance=0.14, fall_off=(0.1, 0.6), shade=0.4, shade_depth=(0.2, 0.55),
    occlusion=0.3, sticker=0.12, thing_size=(0.3, 0.65),
    watermark=0.25, watermark_strength=(0.25, 0.6), softness=(0.3, 1.6), noise=(1.0, 9.0), size=(0.45, 0.9),
    quality=(28, 75),
)  # fmt: skip

LEVELS = {
    level.name: level
    for level in (
        Level("easy", LEVELS_VERSION, EASY_REDESIGN, _EASY),
        Level("medium", LEVELS_VERSION, MEDIUM_REDESIGN, _MEDIUM),
        Level("hard", LEVELS_VERSION, HARD_REDESIGN, _HARD),
    )
}
"""Name of a level -> the level."""
