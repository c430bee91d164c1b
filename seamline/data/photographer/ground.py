"""What the garment lies on in the second photo: the same, another photo's, or a surface that no photo shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import ClassVar, cast

import cv2
import numpy as np

from seamline.core.image import Pixels
from seamline.data.copies.background import background_of, choose_background
from seamline.data.copies.sample import Floats, GarmentSample
from seamline.data.photographer.radiance import linear_of, thumbnail
from seamline.data.photographer.strengths import Strengths
from seamline.synthetic.palette import cloth_colour

_PLAIN = 0.6
"""Share of the grounds, the plainest, that are laid under garments."""


@dataclasses.dataclass(frozen=True)
class GroundParams(Strengths):
    """Probabilities. `replaced`: it lies on another ground; `procedural`: that is one that no photo shows; `dyed`: its
    colour is that of some cloth, as of a bedspread or a towel."""

    CHANCES: ClassVar[tuple[str, ...]] = ("replaced", "procedural", "dyed")

    replaced: float = 0.95
    procedural: float = 0.2
    dyed: float = 0.4


def grounds_of(samples: Sequence[GarmentSample], count: int, random: np.random.Generator) -> list[Pixels]:
    """At most `count` grounds of samples' photos, for a photographer to lay garments on.

    The plainer ones of more: where something else lies beside a garment, its ground is filled with that thing again
    and again, as in a kaleidoscope.
    """
    tried = min(len(samples), math.ceil(count / _PLAIN))
    chosen = random.choice(len(samples), tried, replace=False)
    found = [background_of(samples[int(index)], random) for index in chosen]
    plainest = sorted(range(tried), key=lambda place: _figures(found[place]))
    return [found[place] for place in sorted(plainest[: min(count, math.ceil(tried * _PLAIN))])]


def _figures(ground: Pixels) -> float:
    """How strongly a ground's figures stand out from its own soft light."""
    light = np.log(thumbnail(linear_of(ground)) + 0.02)
    return float((light - cv2.GaussianBlur(light, (0, 0), 4)).std())


def another_ground(
    grounds: Sequence[Pixels], size: tuple[int, int], params: GroundParams, random: np.random.Generator
) -> Floats:
    """A ground in linear light (H, W, 3), `size` (width, height); a procedural one if `grounds` are none."""
    ground = linear_of(choose_background(grounds, size[1], size[0], params.procedural, random))
    if random.random() < params.dyed:
        return _dyed(ground, random)
    return ground


def _dyed(ground: Floats, random: np.random.Generator) -> Floats:
    """The ground's light and texture in one colour."""
    dye = linear_of(np.array(cloth_colour(random), np.uint8)[None, None])[0, 0]
    grey = np.asarray(cv2.transform(ground, np.full((1, 3), 1 / 3, np.float32)), np.float32)
    level = max(0.02, float(thumbnail(ground).mean()))
    return cast("Floats", grey[..., None] * (dye / level))
